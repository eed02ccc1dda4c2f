"""From what a user types to a list of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.errors import UsageError
from nntasks.runner.input_files import expand

KINDS = (".jpg", ".png")


def names(*sources: str) -> list[str]:
    return [path.as_posix() for path in expand(sources, KINDS)]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "a.JPG",
        "b.png",
        "._a.jpg",
        "x.jpg/in.png",
        "__MACOSX/m.png",
        ".h/h.png",
        "n.txt",
    ):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(b"")
    (tmp_path / "photos/x.jpg/back").symlink_to("..", target_is_directory=True)
    return tmp_path / "photos"


def test_hidden_files_and_loops_do_not_count(photos: Path) -> None:
    assert names("photos") == ["photos/a.JPG", "photos/b.png"]
    assert names("photos/*") == ["photos/a.JPG", "photos/b.png"]
    assert names("photos/**") == ["photos/a.JPG", "photos/b.png", "photos/x.jpg/in.png"]


def test_a_folder_of_folders_is_told_how_to_name_them(photos: Path) -> None:
    (photos.parent / "folders").mkdir()
    photos.rename(photos.parent / "folders/photos")
    with pytest.raises(UsageError, match=r"give 'folders/\*\*/\*'"):
        names("folders")
    assert "folders/photos/b.png" in names("folders/**/*")


def test_what_is_spelt_out_counts(photos: Path) -> None:
    assert names("photos/._a.jpg", "photos/.h/*", "photos/.h") == [
        "photos/._a.jpg",
        "photos/.h/h.png",
    ]
    assert names("photos/../photos/__MACOSX/*.png") == ["photos/../photos/__MACOSX/m.png"]


def test_names_with_the_signs_of_patterns_are_files_first(photos: Path) -> None:
    (photos / "c[1].png").write_bytes(b"")
    assert names("photos/c[1].png") == ["photos/c[1].png"]


def test_a_link_to_nothing_is_left_to_its_reader(photos: Path) -> None:
    (photos / "gone.png").symlink_to("nowhere")
    assert names("photos/gone.png") == ["photos/gone.png"]


@pytest.mark.parametrize("source", ["nothing", "photos/n.txt", "photos/*.txt"])
def test_sources_without_pictures_are_refused(photos: Path, source: str) -> None:
    with pytest.raises(UsageError, match="expected a file"):
        names(source)
