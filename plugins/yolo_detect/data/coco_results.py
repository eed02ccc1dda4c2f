"""COCO results: a JSON list of detections, each with image, category, box and score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data.coco_rows import Box, WrongRow, box_of, required
from nntasks.plugins.yolo_detect.data.loose_numbers import finite_number

Place = Callable[[Any], "int | None"]


def read_results(
    path: Path, rows: Sequence[Any], place: Place, label: Place, faults: Faults
) -> Iterator[tuple[int, int, float, Box]]:
    """Yield (place of the image, label, score, (x, y, width, height)) of each detection.

    Args:
        path: the file, for messages.
        rows: its content.
        place, label: return the place of an image and the label of a category, None if unknown.
        faults: takes the faults, each with the file, the row (from 0) and the field.
    """
    for index, row in enumerate(rows):
        try:
            if not isinstance(row, dict):
                raise WrongRow(f"expected a mapping, got {row!r:.60}")
            image = place(row.get("image_id"))
            if image is None:
                raise WrongRow(f"image_id {required(row, 'image_id')!r:.60} is not in the truth")
            category = label(row.get("category_id"))
            if category is None:
                category = _by_name(row, label)
            yield image, category, score_of(row), box_of(row)
        except WrongRow as wrong:
            faults.add(f"{path}: row {index}: {wrong}")


def score_of(row: Any) -> float:
    """Return the score of a row; raises WrongRow if it is not in 0..1."""
    value = required(row, "score")
    score = value if type(value) is float else finite_number(value)
    if score is None or not 0 <= score <= 1:
        raise WrongRow(f"expected a number in 0..1 as 'score', got {value!r:.60}")
    return score


def _by_name(row: Any, label: Place) -> int:
    named = row.get("category_name", row.get("category"))
    found = None if named is None else label(named)
    if found is None:
        raise WrongRow(f"category_id {required(row, 'category_id')!r:.60} is not in the truth")
    return found
