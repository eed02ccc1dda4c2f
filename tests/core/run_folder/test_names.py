"""Names of runs are known by their form."""

from __future__ import annotations

import pytest

from nntasks.run_folder.names import is_run_name, new_name


def test_new_names_differ_and_are_known() -> None:
    first, second = new_name(), new_name()
    assert first != second
    assert is_run_name(first)


@pytest.mark.parametrize("name", ["latest", "paper-baseline", "20260131-235959-0a1b2c-copy", ""])
def test_other_names_are_not(name: str) -> None:
    assert not is_run_name(name)
