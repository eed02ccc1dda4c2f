"""The part of a training to repeat: where it starts, and how many processes it had."""

from __future__ import annotations

import json

import numpy as np
import pytest
from written_runs import write_run

from nntasks.errors import UsageError
from nntasks.run_folder import RunFolder
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.verification.stretch import Stretch, processes, starting_point, stored_checkpoints


@pytest.fixture
def folder(tmp_path):
    """Return a run with checkpoints of the steps 8 and 12."""
    path = write_run(tmp_path, "20261123-120000-abcdef", metrics={"accuracy": 1.0})
    (path / "checkpoints").mkdir()
    for step in (8, 12):
        Checkpoints(path / "checkpoints").save(step, {"model": {"w": np.ones(1)}}, {"n": step})
    Checkpoints(path / "checkpoints").save_final({"w": np.ones(1)}, {})
    return RunFolder.open(path)


def test_the_checkpoints_by_step(folder):
    assert list(stored_checkpoints(folder)) == [8, 12]


@pytest.mark.parametrize(
    ("stretch", "step"),
    [
        (Stretch(), None),  # the whole training
        (Stretch(steps=3), 8),  # the oldest checkpoint
        (Stretch(steps=3, start=0), None),
        (Stretch(steps=3, start=12), 12),
        (Stretch(start=12), 12),
    ],
)
def test_where_a_stretch_starts(folder, stretch, step):
    found = starting_point(folder, stretch)
    assert (None if found is None else found.state["n"]) == step


def test_a_step_without_a_checkpoint(folder, tmp_path):
    with pytest.raises(UsageError) as told:
        starting_point(folder, Stretch(steps=1, start=9))
    assert str(told.value) == ("--from: expected 0 or the step of a checkpoint (8, 12), got 9")
    bare = RunFolder.open(write_run(tmp_path / "other", "20261123-120000-abcdef"))
    assert starting_point(bare, Stretch(steps=1)) is None
    with pytest.raises(UsageError, match=r"\(none\), got 3"):
        starting_point(bare, Stretch(start=3))


def test_how_many_processes_shared_a_run(folder):
    assert processes(folder.path) == 1  # an earlier version did not say
    (folder.path / "environment.json").write_text(json.dumps({"processes": 4}))
    assert processes(folder.path) == 4
