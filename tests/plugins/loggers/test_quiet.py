"""Variables are set for the time of a block, and the user's own stay."""

from __future__ import annotations

import os

from nntasks.plugins.loggers.quiet import environment_defaults


def test_variables_are_set_during_the_block(monkeypatch):
    monkeypatch.delenv("NNTASKS_TEST_A", raising=False)
    monkeypatch.setenv("NNTASKS_TEST_B", "own")
    with environment_defaults({"NNTASKS_TEST_A": "1", "NNTASKS_TEST_B": "2"}):
        assert os.environ["NNTASKS_TEST_A"] == "1"
        assert os.environ["NNTASKS_TEST_B"] == "own"
    assert "NNTASKS_TEST_A" not in os.environ
    assert os.environ["NNTASKS_TEST_B"] == "own"
