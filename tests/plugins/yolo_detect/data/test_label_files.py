"""Label files: where they are looked for, what is found, and what belongs to no image."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.plugins.yolo_detect.data.label_files import LabelFiles
from nntasks.plugins.yolo_detect.data.yolo_layout import Images


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.b.png", "train/labels/a.b.txt"),
        ("images/images/a.jpg", "images/labels/a.txt"),
        ("pictures/a.jpg", "pictures/a.txt"),
        ("images.jpg", "images.txt"),
        ("Images/train/a.JPG", "Labels/train/a.txt"),
        ("IMAGES/a.PNG", "LABELS/a.txt"),
    ],
)
def test_where_labels_lie(tmp_path: Path, image: str, expected: str) -> None:
    root = tmp_path / "images" / "set"  # a folder of that name above the root does not count
    files = LabelFiles(Images((root / image,), ()), root)
    assert files.expected == [str(root / expected)]
    assert files.found == [None]


def test_files_in_capitals_are_found_and_others_are_orphans(tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    for folder in (images, labels / "deep"):
        folder.mkdir(parents=True)
    for name in ("a.txt", "b.TXT", "lonely.txt", "classes.txt", "deep/x.txt", ".c.txt"):
        (labels / name).write_text("")
    (labels / "d.txt").mkdir()
    listed = tuple(images / f"{name}.jpg" for name in ("a", "b", ".c", "d"))
    files = LabelFiles(Images(listed, (images,)), tmp_path)
    found = [path and Path(path).relative_to(labels).as_posix() for path in files.found]
    assert found == ["a.txt", "b.TXT", ".c.txt", None]
    orphans = [Path(path).relative_to(labels).as_posix() for path in files.orphans]
    assert orphans == ["deep/x.txt", "lonely.txt"]
