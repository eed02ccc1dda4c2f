"""What is listed and what is passed over."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from nntasks.errors import UsageError
from nntasks.storage.listing import files_below, files_in, folders_in, leads_back


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def below(root: Path, *suffixes: str) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files_below(root, suffixes)]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    made(
        tmp_path,
        "b.jpg",
        "a.JPG",
        "._a.jpg",
        ".DS_Store",
        "Thumbs.db",
        "deep/c.Jpeg",
        "deep/x.jpg/d.jpg",
        ".ipynb_checkpoints/a.jpg",
        "__MACOSX/._a.jpg",
        "__MACOSX/a.jpg",
        "notes.txt",
    )
    assert below(tmp_path, ".jpg", ".jpeg") == ["a.JPG", "b.jpg", "deep/c.Jpeg", "deep/x.jpg/d.jpg"]
    assert [path.name for path in files_in(tmp_path)] == ["a.JPG", "b.jpg", "notes.txt"]
    assert [path.name for path in folders_in(tmp_path)] == ["deep"]


def test_the_order_is_that_of_sorted_paths(tmp_path: Path) -> None:
    made(tmp_path, "a/b.png", "a-b.png", "a.png", "B.png", "é.png")
    assert files_below(tmp_path) == sorted(p for p in tmp_path.rglob("*") if p.is_file())


def test_linked_folders_and_files_are_followed(tmp_path: Path) -> None:
    made(tmp_path / "elsewhere", "one.png", "in/two.png")
    made(tmp_path / "here", "three.png")
    (tmp_path / "here/linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "here/four.png").symlink_to(tmp_path / "elsewhere/one.png")
    assert below(tmp_path / "here") == [
        "four.png",
        "linked/in/two.png",
        "linked/one.png",
        "three.png",
    ]
    assert [path.name for path in folders_in(tmp_path / "here")] == ["linked"]


@pytest.mark.parametrize("target", [".", "..", "deep", "deep/.."])
def test_a_link_back_is_named_and_not_followed(
    tmp_path: Path, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    root = made(tmp_path / "root", "a.png", "deep/b.png")
    (root / "deep/back").symlink_to(root / target, target_is_directory=True)
    with caplog.at_level(logging.WARNING):
        assert below(root) == ["a.png", "deep/b.png"]
    (record,) = caplog.records
    assert "deep/back leads back" in record.getMessage()
    assert leads_back(root / "deep/back/a.png")
    assert not leads_back(root / "deep/b.png")


def test_links_to_nothing_are_listed_and_pipes_are_not(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nothing")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert below(tmp_path) == ["gone.png", "self.png"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    made(tmp_path, "file")
    for wrong, reason in (("gone", "No such file"), ("file", "Not a directory")):
        with pytest.raises(UsageError, match=f"cannot list folder .*{wrong}: {reason}"):
            files_below(tmp_path / wrong)


def test_names_that_are_not_utf8_are_listed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")).write_bytes(b"")
    assert [os.fsencode(path.name) for path in files_below(tmp_path, [".png"])] == [b"caf\xe9.png"]
