"""YOLO label files: a line `class cx cy w h` per object, the box as shares of the sides."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.yolo_lines import (
    LAST_DIGIT,
    LineFormat,
    WrongLine,
    read_line,
)


@dataclass(frozen=True)
class Labels:
    """The objects of one image.

    Attributes:
        classes: (M,) int64.
        boxes: (M, 4) float64: centre x, centre y, width, height, as fractions of the image.
        repeated: number of repeated lines, which were dropped.
        clipped: number of clipped boxes, which exceeded the image by up to 1 % of the side.
        polygons: number of boxes around polygons.
        keypoints: number of rows with keypoints, which were ignored.
    """

    classes: np.ndarray
    boxes: np.ndarray
    repeated: int = 0
    clipped: int = 0
    polygons: int = 0
    keypoints: int = 0

    def in_pixels(self, width: int, height: int) -> np.ndarray:
        """Return (M, 4) float64 boxes (x1, y1, x2, y2) in an image of that size."""
        corners = self.boxes.copy()
        half = corners[:, 2:] / 2
        corners[:, 2:] = corners[:, :2] + half
        corners[:, :2] -= half
        corners *= (width, height, width, height)
        return corners


NO_LABELS = Labels(np.zeros(0, np.int64), np.zeros((0, 4)))


def read_labels(path: Path, form: LineFormat, faults: Faults) -> Labels:
    """Read a label file; a file that does not exist is an image without objects.

    A line with the numbers of an earlier one is the same object and is dropped.

    Args:
        path: the label file, UTF-8 with or without a byte-order mark, any line ends. Empty lines
            and comments (`# ...`) are skipped.
        form: the allowed content of a line.
        faults: receives one fault, with file and line, for every invalid line.
    """
    text = _text(path, faults)
    plain = text.isascii() and "_" not in text  # Python would accept 1_0 as 10
    objects: dict[tuple[float, ...], None] = {}
    kinds: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        row: tuple[float, ...] | None = _plain_box(words, form.limit) if plain else None
        kind = "box"
        if row is None:
            try:
                kind, row = read_line(line, form)
            except WrongLine as wrong:
                faults.add(f"{path}, line {number}: {wrong}")
                continue
        kinds[kind] += 1
        objects[row] = None
    objects.pop((), None)
    table = np.array(list(objects), dtype=np.float64).reshape(-1, 5)
    return Labels(
        table[:, 0].astype(np.int64),
        table[:, 1:],
        repeated=kinds.total() - kinds["comment"] - len(objects),
        clipped=kinds["clipped"],
        polygons=kinds["polygon"],
        keypoints=kinds["keypoints"],
    )


def _plain_box(words: list[str], limit: int) -> tuple[float, ...] | None:
    """Return the numbers of a plain box line, as nearly all lines are; else None."""
    if len(words) != 5:
        return None
    try:
        row = tuple(map(float, words))
    except ValueError:
        return None
    label, x, y, w, h = row
    w, h = w / 2, h / 2
    inside = (
        w > 0 < h  # false for NaN, as every comparison is
        and w - LAST_DIGIT <= x <= 1 + LAST_DIGIT - w
        and h - LAST_DIGIT <= y <= 1 + LAST_DIGIT - h
    )
    return row if inside and 0 <= label < limit and label.is_integer() else None


def _text(path: Path, faults: Faults) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        faults.add(f"cannot read labels {path}: expected UTF-8 text, {_bytes_look_like(error)}")
    except OSError as error:
        faults.add(f"cannot read labels {path}: {error.strerror}")
    else:
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return ""


def _bytes_look_like(error: UnicodeDecodeError) -> str:
    start = error.object[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return "got UTF-16; save it as UTF-8"
    return f"got byte {error.object[error.start]:#04x} at {error.start}"
