"""The result of a run."""

from __future__ import annotations

import dataclasses

import pytest

from nntasks.runner.result import RunResult


def test_a_dry_run_has_neither_folder_nor_tables():
    result = RunResult({"dry_run": True}, None)
    assert (result.folder, result.tables) == (None, ())


def test_a_result_is_not_changed_afterwards():
    result = RunResult({}, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.summary = {"metrics": {}}
