"""What the tests of data share."""

from __future__ import annotations

from pathlib import Path

import pytest
from coco_set import picture as coco_picture
from yolo_set import label, picture


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """images/PART and labels/PART for three parts, one image each; two class names."""
    folder = tmp_path / "set"
    for part in ("train", "val", "test"):
        picture(folder / "images" / part / f"{part}.png")
        label(folder / "labels" / part / f"{part}.txt", "1 0.5 0.5 0.25 0.5\n")
    (folder / "classes.txt").write_text("cat\ndog\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png"):
        coco_picture(tmp_path / "images" / name)
    return tmp_path
