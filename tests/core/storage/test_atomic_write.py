"""Writing whole files, whatever they are named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nntasks.errors import RunFailed
from nntasks.storage import atomic_write


@pytest.mark.parametrize("name", ["x" * 251 + ".txt", "-x", "=1\n\x1b[31m", "é" * 127])
def test_any_name_that_the_system_allows(tmp_path: Path, name: str) -> None:
    atomic_write.write_bytes(tmp_path / name, b"1")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: b"1"}


def test_nothing_is_left_of_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder/in").mkdir(parents=True)
    with pytest.raises(RunFailed, match="cannot write"):
        atomic_write.write_bytes(tmp_path / "folder", b"1")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_names_that_are_not_utf8_come_back_from_json(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    atomic_write.write_text(tmp_path / "x.json", atomic_write.to_json({"file": name, "café": 1}))
    raw = (tmp_path / "x.json").read_bytes()
    assert json.loads(raw.decode("utf-8")) == {"file": name, "café": 1}
    assert "café" in raw.decode("utf-8")


def test_the_remedy_is_that_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "file"
    with pytest.raises(RunFailed) as told:
        atomic_write.write_text(path, "1", "choose another file with --csv")
    missing = os.strerror(2)
    assert str(told.value) == f"cannot write {path}: {missing}; choose another file with --csv"
    with pytest.raises(RunFailed, match=r"then repeat the command$"):
        atomic_write.write_bytes(path, b"1")
