"""YOLO label files: a line `class cx cy w h` per object, the box in parts of width and height."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntasks.errors import UsageError

TOLERANCE = 1e-6  # how far a coordinate may lie outside 0..1: the labels' last digit
_MOST_UNNAMED = 10_000  # classes that are believed in where nothing names them


@dataclass(frozen=True)
class Labels:
    """The objects of one image.

    Attributes:
        classes: (M,) int64.
        boxes: (M, 4) float64: centre x, centre y, width, height, in parts of the image.
    """

    classes: np.ndarray
    boxes: np.ndarray

    @property
    def repeated(self) -> int:
        """How many lines repeat an earlier one."""
        rows = {
            (c, *box) for c, box in zip(self.classes.tolist(), self.boxes.tolist(), strict=True)
        }
        return len(self.classes) - len(rows)

    def in_pixels(self, width: int, height: int) -> np.ndarray:
        """Return (M, 4) float64 boxes (x1, y1, x2, y2) in an image of that size, not clipped."""
        centre, half = self.boxes[:, :2], self.boxes[:, 2:] / 2
        scale = np.array([width, height, width, height], dtype=np.float64)
        return np.concatenate([centre - half, centre + half], axis=1) * scale


def read_labels(path: Path, class_count: int | None) -> Labels:
    """Read a label file; a file that does not exist is an image without objects.

    Args:
        path: the label file. Empty lines are passed over.
        class_count: how many classes there are; None where nothing names them.

    Raises:
        UsageError: naming file and line: not five numbers, a class that is no whole number or out
            of range, a coordinate that is not finite or outside 0..1, a box without extent.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        lines = []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read labels {path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                rows.append(_parse(line.split(), class_count))
            except ValueError as error:
                raise UsageError(f"{path}, line {number}: {error}") from None
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return Labels(table[:, 0].astype(np.int64), table[:, 1:])


def _parse(words: list[str], class_count: int | None) -> list[float]:
    if len(words) != 5:
        polygon = len(words) >= 7 and len(words) % 2 == 1
        hint = "; it looks like a polygon, convert it to its box" if polygon else ""
        raise ValueError(f"expected 5 numbers (class cx cy w h), got {len(words)}{hint}")
    numbers = [_number(word) for word in words]
    _check_class(words[0], numbers[0], class_count)
    for name, word, number in zip(("cx", "cy", "w", "h"), words[1:], numbers[1:], strict=True):
        if not -TOLERANCE <= number <= 1 + TOLERANCE:
            pixels = "; are these pixels?" if number > 2 else ""
            raise ValueError(f"expected {name} in 0..1, as part of the image, got {word}{pixels}")
    if numbers[3] <= 0 or numbers[4] <= 0:
        raise ValueError(f"expected a box with extent, got w {words[3]} and h {words[4]}")
    return numbers


def _number(word: str) -> float:
    try:
        number = math.nan if "_" in word else float(word)  # Python would read 1_0 as 10
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"expected 5 finite numbers (class cx cy w h), got {word!r:.40}")
    return number


def _check_class(word: str, number: float, class_count: int | None) -> None:
    if number != int(number) or number < 0:
        raise ValueError(f"expected the class as a whole number from 0, got {word}")
    if class_count is not None and number >= class_count:
        are = (
            "is 1 class, 0"
            if class_count == 1
            else f"are {class_count} classes, 0 to {class_count - 1}"
        )
        raise ValueError(f"class {word} is out of range: there {are}")
    if class_count is None and number >= _MOST_UNNAMED:
        raise ValueError(f"expected a class below {_MOST_UNNAMED}, got {word}; name the classes")
