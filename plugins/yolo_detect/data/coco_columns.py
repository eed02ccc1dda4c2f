"""The objects of a COCO file in columns, and the fast way to read those that are plain.

Nearly all files have the same keys with numbers in every row. These are checked as whole columns,
in a fraction of the time of row after row. A file with anything else in it is left to
`coco_rows.CocoRows`, which reads what can be read and names every fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

_KEYS = itemgetter("id", "image_id", "category_id", "bbox", "area", "iscrowd")


class CocoObjects(NamedTuple):
    """The objects in the order of the file.

    Attributes:
        image: (N,) int64, the place of the image in the list.
        boxes: (N, 4) float64, x, y, width and height in pixels.
        label: (N,) int64.
        crowd: (N,) bool.
        area: (N,) float64 in square pixels.
    """

    image: np.ndarray
    boxes: np.ndarray
    label: np.ndarray
    crowd: np.ndarray
    area: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[tuple[int, Sequence[float], int, bool, float]]) -> CocoObjects:
        """Return the columns of rows (image, box, label, crowd, area)."""
        image, boxes, label, crowd, area = zip(*rows, strict=True) if rows else [()] * 5
        return cls(
            np.array(image, dtype=np.int64),
            np.array(boxes, dtype=np.float64).reshape(-1, 4),
            np.array(label, dtype=np.int64),
            np.array(crowd, dtype=bool),
            np.array(area, dtype=np.float64),
        )


def plain_objects(
    rows: Sequence[Any], places: Mapping[Any, int], labels: Mapping[int, int]
) -> CocoObjects | None:
    """Return the objects of rows that are all plain and sound; None if any is not.

    Args:
        rows: the list of annotations.
        places: place of each image by its id.
        labels: label of each category by its id.
    """
    try:
        ids, images, categories, boxes, areas, crowd = zip(*map(_KEYS, rows), strict=True)
        numbers = list(chain.from_iterable(boxes))
        of_whole_numbers = all(_types(each) == {int} for each in (ids, images, categories, crowd))
        if not (of_whole_numbers and _types(boxes) == {list} and set(map(len, boxes)) == {4}):
            return None
        if not (_types(numbers) <= {int, float} and _types(areas) <= {int, float}):
            return None
        found = CocoObjects(
            np.array([places[image] for image in images], dtype=np.int64),
            np.array(numbers, dtype=np.float64).reshape(-1, 4),
            np.array([labels[category] for category in categories], dtype=np.int64),
            np.array(crowd, dtype=np.int64).astype(bool),
            np.array(areas, dtype=np.float64),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    distinct = len(set(ids)) == len(ids) and set(crowd) <= {0, 1}
    return found if distinct and _are_sound(found) else None


def _types(values: Iterable[Any]) -> set[type]:
    return set(map(type, values))


def _are_sound(objects: CocoObjects) -> bool:
    finite = np.isfinite(objects.boxes).all() and np.isfinite(objects.area).all()
    return bool(finite and (objects.boxes[:, 2:] >= 0).all() and (objects.area >= 0).all())
