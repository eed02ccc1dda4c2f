"""A folder goes at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nntasks.storage import atomic_write, removal


class Killed(BaseException):
    """Stands for the end of the process."""


def folder_of_two(parent: Path) -> Path:
    folder = parent / "step-00000001"
    folder.mkdir()
    (folder / "a").write_bytes(b"1")
    (folder / "b").write_bytes(b"2")
    return folder


def test_a_folder_is_removed(tmp_path: Path) -> None:
    removal.remove_folder(folder_of_two(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_half_way_leaves_no_half_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(path: Path, **_: object) -> None:
        (path / "a").unlink()
        raise Killed

    folder = folder_of_two(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", half)
        with pytest.raises(Killed):
            removal.remove_folder(folder)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".")
    assert left.name != folder.name
    atomic_write.remove_temporaries(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    removal.remove_folder(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
