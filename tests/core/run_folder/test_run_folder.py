from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from disk_faults import full_disk

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder import RunFolder
from nntasks.storage import atomic_write


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
