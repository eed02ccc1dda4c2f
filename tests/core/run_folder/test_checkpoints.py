"""Checkpoints: the last two are kept, each appears whole, and a damaged one is never used."""

from __future__ import annotations

import numpy as np
import pytest
from disk_faults import full_disk

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder.checkpoints import Checkpoints

GROUPS = {"model": {"w": np.ones(3)}}


def saved(folder, *steps):
    """Return the checkpoints of a folder as another process finds them."""
    for step in steps:
        Checkpoints(folder).save(step, GROUPS, {"step": step})
    return Checkpoints(folder)


def flip(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_a_full_disk_leaves_no_half_checkpoint(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"model": {"w": np.ones(3)}}, {"n": 1})
    full_disk(monkeypatch, after=1)
    with pytest.raises(RunFailed, match="No space left"):
        checkpoints.save(2, {"model": {"w": np.ones(3)}, "optimizer": {"m": np.ones(3)}}, {"n": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]
    assert checkpoints.latest().state == {"n": 1}


def test_checkpoints_keep_the_last_two(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2, 10, 100):
        checkpoints.save(step, {"model": {"w": np.full(2, step)}}, {"step": step})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000010", "step-00000100"]
    assert checkpoints.latest().state == {"step": 100}
    assert checkpoints.latest().arrays("model")["w"].tolist() == [100, 100]


def test_a_folder_without_checkpoints_has_no_latest(tmp_path):
    assert Checkpoints(tmp_path).latest() is None
    assert Checkpoints(tmp_path / "none").latest() is None
    assert Checkpoints(tmp_path).final is None


def test_a_damaged_checkpoint_is_passed_over(tmp_path):
    checkpoints = saved(tmp_path, 1, 2)
    flip(tmp_path / "step-00000002" / "model.safetensors")
    assert checkpoints.latest().state == {"step": 1}


def test_damage_of_all_is_an_error_and_not_a_new_beginning(tmp_path):
    checkpoints = saved(tmp_path, 1, 2)
    for step in (1, 2):
        (tmp_path / f"step-0000000{step}" / "state.json").unlink()
    with pytest.raises(UsageError) as told:
        checkpoints.latest()
    place = tmp_path / "step-00000002"
    assert str(told.value) == (
        f"no checkpoint can be used, {place}: state.json is missing; restore {tmp_path} from a "
        "copy, or remove it to train from the beginning"
    )


def test_damaged_checkpoints_are_removed_and_told(tmp_path):
    checkpoints, told = saved(tmp_path, 1, 2), []
    flip(tmp_path / "step-00000002" / "state.json")
    checkpoints.discard_damaged(told.append)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]
    (line,) = told
    assert line.endswith("the checksum of state.json differs; step-00000001 is used")


def test_damaged_final_weights_give_way_to_a_checkpoint(tmp_path):
    checkpoints, told = saved(tmp_path, 1), []
    checkpoints.save_final({"w": np.ones(2)}, {"task": "toy"})
    assert checkpoints.final == tmp_path / "final" / "model.safetensors"
    flip(checkpoints.final)
    again = Checkpoints(tmp_path)
    again.discard_damaged(told.append)
    assert again.final is None
    (line,) = told
    assert line.endswith("differs; training goes on from before it")


def test_intact_final_weights_leave_damaged_checkpoints_alone(tmp_path):
    saved(tmp_path, 1).save_final({"w": np.ones(2)}, {})
    flip(tmp_path / "step-00000001" / "state.json")
    told = []
    Checkpoints(tmp_path).discard_damaged(told.append)
    assert told == []
    assert (tmp_path / "step-00000001").is_dir()


def test_further_files_are_stored_and_checked_with_the_rest(tmp_path):
    Checkpoints(tmp_path, lambda: {"rows.jsonl": b"{}\n"}).save(7, GROUPS, {})
    file = tmp_path / "step-00000007" / "rows.jsonl"
    assert file.read_bytes() == b"{}\n"
    flip(file)
    with pytest.raises(UsageError, match=r"the checksum of rows\.jsonl differs"):
        Checkpoints(tmp_path).latest()


def test_a_step_that_is_there_is_not_written_again(tmp_path):
    checkpoints = saved(tmp_path, 3)
    checkpoints.save(3, GROUPS, {"step": "another"})
    assert checkpoints.latest().state == {"step": 3}
