"""YOLO label files: a line `class cx cy w h` per object, the box as shares of the sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.yolo_lines import (
    LAST_DIGIT,
    LineFormat,
    WrongLine,
    read_line,
)
from nntasks.plugins.yolo_detect.samples import GroundTruth


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


NO_LABELS = Labels(np.zeros(0, np.int64), np.zeros((0, 4)))


def in_pixels(labels: Sequence[Labels], sizes: Sequence[tuple[int, int]]) -> list[GroundTruth]:
    """Return the objects of images in pixels, by the (width, height) of each image."""
    counts = [len(each.classes) for each in labels]
    shares = np.concatenate([NO_LABELS.boxes, *(each.boxes for each in labels)])
    sides = np.repeat(np.array(sizes, dtype=np.float64).reshape(-1, 2), counts, axis=0)
    half = shares[:, 2:] / 2
    corners = np.concatenate([shares[:, :2] - half, shares[:, :2] + half], axis=1)
    whole = GroundTruth.from_boxes(
        corners * np.concatenate([sides, sides], axis=1),
        np.concatenate([NO_LABELS.classes, *(each.classes for each in labels)]),
    )
    bounds = pairwise([0, *accumulate(counts)])
    return [
        GroundTruth(whole.boxes[a:b], whole.labels[a:b], whole.crowd[a:b], whole.areas[a:b])
        for a, b in bounds
    ]


def read_labels(
    paths: Sequence[Path | str | None], form: LineFormat, faults: Faults
) -> list[Labels]:
    """Read label files; None, or a file that does not exist, is an image without objects.

    A line with the numbers of an earlier one is the same object and is dropped.

    Args:
        paths: the label files, UTF-8 with or without a byte-order mark, any line ends. Empty lines
            and comments (`# ...`) are skipped.
        form: the allowed content of a line.
        faults: receives one fault, with file and line, for every invalid line.
    """
    texts = ["" if path is None else label_text(path, faults) for path in paths]
    tables = _plain_tables(texts, form.limit)
    return [
        Labels(table[:, 0].astype(np.int64), table[:, 1:])
        if table is not None
        else _read_line_by_line(path, text, form, faults)
        for path, text, table in zip(paths, texts, tables, strict=True)
    ]


def _plain_tables(texts: Sequence[str], limit: int) -> list[np.ndarray | None]:
    """Return a table (M, 5) for each text of plain box lines alone, as nearly all are; else None.

    All texts are converted and checked at once, which takes a fraction of the time.
    """
    lines: list[str] = []
    bounds, plain = [0], []
    for text in texts:
        own = text.rstrip("\n").split("\n") if text else []
        # Python would read 1_0 as 10, and digits of other alphabets.
        simple = not text or (
            text.isascii() and "_" not in text and {line.count(" ") for line in own} == {4}
        )
        plain.append(simple)
        lines += own if simple else []
        bounds.append(len(lines))
    try:
        numbers = list(map(float, " ".join(lines).split(" "))) if lines else []
    except ValueError:
        return [None] * len(texts)
    table = np.array(numbers, dtype=np.float64).reshape(-1, 5)
    sound = _are_boxes(table, limit).tolist()
    rows = list(map(tuple, table.tolist()))
    return [
        table[a:b] if simple and all(sound[a:b]) and len(set(rows[a:b])) == b - a else None
        for simple, (a, b) in zip(plain, pairwise(bounds), strict=True)
    ]


def _are_boxes(table: np.ndarray, limit: int) -> np.ndarray:
    """Return which rows (N, 5) are boxes inside the image with a class below the limit."""
    label, centre, half = table[:, 0], table[:, 1:3], table[:, 3:] / 2
    inside = (  # false for NaN, as every comparison is
        (half > 0) & (half - LAST_DIGIT <= centre) & (centre <= 1 + LAST_DIGIT - half)
    )
    return inside.all(axis=1) & (label >= 0) & (label < limit) & (np.floor(label) == label)


def _read_line_by_line(
    path: Path | str | None, text: str, form: LineFormat, faults: Faults
) -> Labels:
    objects: dict[tuple[float, ...], None] = {}
    kinds: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.split():
            continue
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


def label_text(path: Path | str, faults: Faults) -> str:
    """Return the lines of a label file, without its byte-order mark; empty if there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            text = file.readall().decode("utf-8-sig")
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
