"""Boxes as CSV: a row for each, with its image, class and corners.

Columns, in any order and case: `image`; `class`; `x1,y1,x2,y2` or `x,y,width,height` in pixels;
`score` for detections; for objects optionally `area`, `crowd` and `difficult`; `image_width` and
`image_height` optionally. A row with an empty class is an image without objects. Values are
separated by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number, whole_number
from nntasks.storage.compression import open_content

_OTHER_NAMES = {
    "image": ("image_id", "file", "filename", "file_name", "source"),
    "class": ("class_name", "category", "label", "name", "category_id"),
    "score": ("confidence", "conf"),
    "x1": ("xmin", "left"),
    "y1": ("ymin", "top"),
    "x2": ("xmax", "right"),
    "y2": ("ymax", "bottom"),
    "width": ("w",),
    "height": ("h",),
    "crowd": ("iscrowd",),
}
_CORNERS, _SIDES = ("x1", "y1", "x2", "y2"), ("x", "y", "width", "height")
_FLAGS = {"": False, "0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True)
class CsvBox:
    """A row: image, class (None for an image without objects), corners, and what it states.

    Attributes:
        row: its number in the file, the heading being 1.
        size: (width, height) of the image in pixels, (0, 0) if it states none.
        area: in square pixels, that of the box if it states none.
    """

    row: int
    image: str
    name: str | None
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    score: float
    area: float
    crowd: bool
    difficult: bool


class _Wrong(Exception):
    """A row that cannot be read."""


def read_boxes(path: Path, faults: Faults, *, scored: bool) -> Iterator[CsvBox]:
    """Yield the rows of a file; faults name the file, the row (the heading is 1) and the field.

    Args:
        path: the file, plain or compressed.
        faults: takes the faults.
        scored: whether each row must have a score.

    Raises:
        UsageError: no text, no CSV, or a column is missing.
    """
    try:
        with open_content(path) as file:
            text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: expected UTF-8 text ({error.reason})") from error
    rows = _rows(path, text)
    columns = _columns(path, next(rows, []), scored)
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        try:
            yield _box(number, cells, scored)
        except _Wrong as wrong:
            faults.add(f"{path}: row {number}: {wrong}")


def _rows(path: Path, text: str) -> Iterator[list[str]]:
    """Yield the cells of each row, the heading first."""
    heading = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=heading.count))
    try:
        yield from rows
    except csv.Error as error:  # a quotation mark that nothing closes makes a cell of the rest
        raise UsageError(
            f"{path}: line {rows.line_num}: is not CSV: {error}; look for a quotation mark that is "
            "not closed"
        ) from error


def _columns(path: Path, heading: list[str], scored: bool) -> dict[str, int]:
    """Return the place of each known column."""
    given = {name.strip().lower().lstrip("#"): at for at, name in enumerate(heading)}
    known = dict(given)
    for name, others in _OTHER_NAMES.items():
        for other in others:
            if name not in known and other in given:
                known[name] = given[other]
    wanted = ["image", "class", *(["score"] if scored else [])]
    wanted += () if all(side in known for side in _CORNERS) else _SIDES
    missing = [name for name in wanted if name not in known]
    if missing:
        sides = " (or x1, y1, x2, y2)" if set(missing) & set(_SIDES) else ""
        raise UsageError(
            f"{path}: expected the columns {', '.join(wanted)}{sides}, found no "
            f"{', '.join(missing)} in {', '.join(heading) or 'an empty file'}"
        )
    return known


def _box(number: int, cells: Mapping[str, str], scored: bool) -> CsvBox:
    image, name = cells["image"], cells["class"]
    if not image:
        raise _Wrong("expected a name or id under 'image', got none")
    size = tuple(_whole(cells, key) for key in ("image_width", "image_height"))
    empty = not name and not scored
    if not name and scored:
        raise _Wrong("expected a name or number under 'class', got none")
    box = (0.0, 0.0, 0.0, 0.0) if empty else _corners(cells)
    score = _number(cells, "score") if scored else 1.0
    if not 0 <= score <= 1:
        raise _Wrong(f"expected a number in 0..1 under 'score', got {cells['score']}")
    area = _number(cells, "area") if cells.get("area") else (box[2] - box[0]) * (box[3] - box[1])
    if area < 0:
        raise _Wrong(f"expected a number of 0 or more under 'area', got {area:g}")
    flags = [_flag(cells, key) for key in ("crowd", "difficult")]
    return CsvBox(number, image, name or None, box, (size[0], size[1]), score, area, *flags)


def _corners(cells: Mapping[str, str]) -> tuple[float, float, float, float]:
    corners = all(side in cells for side in _CORNERS)
    x, y, right, bottom = (_number(cells, key) for key in (_CORNERS if corners else _SIDES))
    if not corners:
        right, bottom = x + right, y + bottom
    if right < x or bottom < y:
        raise _Wrong(
            "expected x1 <= x2 and y1 <= y2, or a width and height of 0 or more, got "
            + " ".join(cells[key] for key in (_CORNERS if corners else _SIDES))
        )
    return x, y, right, bottom


def _number(cells: Mapping[str, str], key: str) -> float:
    number = finite_number(cells[key])
    if number is None:
        raise _Wrong(f"expected a finite number under {key!r}, got {cells[key]!r:.60}")
    return number


def _whole(cells: Mapping[str, str], key: str) -> int:
    text = cells.get(key, "")
    number = whole_number(text) if text else 0
    if number is None:
        raise _Wrong(f"expected a whole number under {key!r}, got {text!r:.60}")
    return number


def _flag(cells: Mapping[str, str], key: str) -> bool:
    text = cells.get(key, "").lower()
    if text not in _FLAGS:
        raise _Wrong(f"expected 0 or 1 under {key!r}, got {text!r:.60}")
    return _FLAGS[text]
