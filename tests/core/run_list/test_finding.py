"""Runs are found at any depth, each once."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.run_list.finding import find


def test_the_newest_is_first_and_links_are_not_followed(out):
    (out / "toy" / ".20261126-120000-00000d.tmp").mkdir()
    (out / "toy" / "20261119-120000-00000e").mkdir()  # nothing is left of it
    assert [run.path.name[-1] for run in find(out)] == list("cb321ae")
    assert find(out / "toy" / "ablate-12345678")[0].path.name.endswith("a")


def test_no_folder(tmp_path):
    with pytest.raises(UsageError, match=r"expected a folder of runs at .*none"):
        find(tmp_path / "runs")
    assert find(tmp_path) == []
