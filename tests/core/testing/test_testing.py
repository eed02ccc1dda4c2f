"""The conformance checks must pass what keeps the contract and catch what breaks it."""

from __future__ import annotations

import pytest

from nntasks.registry import discover
from nntasks.testing import (
    check_plugin,
    check_task,
)


@pytest.mark.usefixtures("toy")
def test_the_toy_conforms():
    check_task("toy", **{"data.points": 16})


def test_a_quarantined_plugin_is_caught(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    with pytest.raises(AssertionError, match="quarantined: ModuleNotFoundError"):
        check_plugin("broken", discover())
