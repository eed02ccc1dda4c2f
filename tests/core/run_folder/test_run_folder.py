from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder import RunFolder
from nntasks.run_folder.array_files import dump_arrays, load_arrays
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.storage import atomic_write


def full_disk(monkeypatch, *, after=0):
    """Let the disk be full once `after` files were written."""
    flush, count = os.fsync, [0]

    def fsync(number):
        count[0] += 1
        if count[0] > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(number)

    monkeypatch.setattr(os, "fsync", fsync)


def everything_in(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "summary.json"
    atomic_write.write_text(file, "old")
    full_disk(monkeypatch)
    with pytest.raises(RunFailed, match=r"cannot write .*summary.json: No space left on device"):
        atomic_write.write_text(file, "new")
    assert file.read_text() == "old"
    assert everything_in(tmp_path) == ["summary.json"]


def test_a_full_disk_leaves_no_half_checkpoint(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"model": {"w": np.ones(3)}}, {"n": 1})
    full_disk(monkeypatch, after=1)
    with pytest.raises(RunFailed, match="No space left"):
        checkpoints.save(2, {"model": {"w": np.ones(3)}, "optimizer": {"m": np.ones(3)}}, {"n": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]
    assert checkpoints.latest().state == {"n": 1}


def test_a_full_disk_leaves_no_half_run(tmp_path, monkeypatch):
    full_disk(monkeypatch, after=1)
    with pytest.raises(RunFailed, match="No space left"):
        RunFolder.create(tmp_path, "toy", {}, {})
    assert everything_in(tmp_path) == ["toy"]


def test_an_unwritable_place_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="choose another folder with --out"):
        RunFolder.create(tmp_path / "file", "toy", {}, {})


def test_latest_links_the_newest_run(tmp_path):
    first = RunFolder.create(tmp_path, "toy", {"a": 1}, {})
    second = RunFolder.create(tmp_path, "toy", {"a": 2}, {})
    assert (tmp_path / "toy" / "latest").resolve() == second.path.resolve()
    assert first.path != second.path
    assert sorted(p.name for p in first.path.iterdir()) == [
        "checkpoints",
        "config.yaml",
        "environment.json",
        "figures",
    ]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a run: expected a folder"):
        RunFolder.open(tmp_path)


def test_history_and_log_survive_reopening(tmp_path):
    folder = RunFolder.create(tmp_path, "toy", {}, {})
    folder.add_scalars({"step": 1, "loss": float("nan")})
    folder.write_history()
    folder.log("a line with ünïcode")
    again = RunFolder.open(folder.path)
    assert again.history == [{"step": 1, "loss": None}]
    assert again.log_lines == folder.log_lines


def test_csv_has_all_columns(tmp_path):
    folder = RunFolder.create(tmp_path, "toy", {}, {})
    folder.write_csv("items.csv", [{"id": "a,b", "n": 1}, {"id": "c", "m": 2.5}])
    assert (folder.path / "items.csv").read_text() == 'id,n,m\n"a,b",1,\nc,,2.5\n'


def test_json_has_no_words_that_json_does_not_know():
    text = atomic_write.to_json(
        {"nan": float("nan"), "inf": np.float32("inf"), "path": Path("a"), "array": torch.arange(2)}
    )
    assert json.loads(text) == {"nan": None, "inf": None, "path": "a", "array": [0, 1]}


def test_checkpoints_keep_the_last_two(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 2, 10, 100):
        checkpoints.save(step, {"model": {"w": np.full(2, step)}}, {"step": step})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000010", "step-00000100"]
    assert checkpoints.latest().state == {"step": 100}
    assert checkpoints.latest().arrays("model")["w"].tolist() == [100, 100]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_arrays_come_back_as_they_were(tmp_path, dtype):
    given = {"x": torch.arange(6).reshape(2, 3).to(dtype), "scalar": torch.tensor(3).to(dtype)}
    given["channels_last"] = torch.ones(1, 2, 3, 3).to(dtype).to(memory_format=torch.channels_last)
    file = tmp_path / "a.safetensors"
    file.write_bytes(dump_arrays(given))
    found = load_arrays(file, "torch")
    assert all(torch.equal(found[name], given[name]) for name in given)
    assert {found[name].dtype for name in given} == {dtype}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not weights", b"\xff" * 100])
def test_damaged_weights_are_named(tmp_path, content):
    file = tmp_path / "damaged.safetensors"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="not a readable safetensors file"):
        load_arrays(file)


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read weights .*nowhere"):
        load_arrays(tmp_path / "nowhere.safetensors")


def test_tied_weights_are_stored_once_and_come_back_by_all_their_names(tmp_path):
    weight = torch.arange(600.0).reshape(20, 30)
    given = {"a": weight, "b": weight, "part": weight[:3], "turned": weight.T}
    file = tmp_path / "tied.safetensors"
    file.write_bytes(dump_arrays(given))
    for framework in ("torch", "numpy"):
        found = load_arrays(file, framework)
        assert found.keys() == given.keys()
        assert all(np.array_equal(found[name], given[name]) for name in given)
    whole = len(dump_arrays({"a": weight, "part": weight[:3].clone(), "turned": weight.T.clone()}))
    assert file.stat().st_size < whole + 100


@pytest.mark.parametrize(("framework", "kind"), [("numpy", np.ndarray), ("torch", torch.Tensor)])
def test_arrays_are_of_the_framework_that_was_asked_for(tmp_path, framework, kind):
    (tmp_path / "a").write_bytes(dump_arrays({"x": np.ones(2, np.float32)}))
    assert type(load_arrays(tmp_path / "a", framework)["x"]) is kind
