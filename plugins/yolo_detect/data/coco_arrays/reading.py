"""Read COCO files into arrays, and put truth and detections together."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from nntasks.machine.threads import thread_count
from nntasks.plugins.yolo_detect.data.coco_arrays.arrays import InstanceArrays, ResultArrays
from nntasks.plugins.yolo_detect.data.coco_arrays.engine import READER
from nntasks.plugins.yolo_detect.evaluation.records import FlatDetections, FlatRecords, FlatTruths


def read_results(path: Path) -> ResultArrays | None:
    """Read a COCO results file, on several threads.

    Returns:
        None if the file is not plain, for instance an id that is text or a score that is null, or
        cannot be read at all: read it carefully then.
    """
    columns = READER.chosen().read_results(os.fsencode(path), thread_count())
    return None if columns is None else ResultArrays(*columns)


def read_instances(path: Path) -> InstanceArrays | None:
    """Read a COCO instances file; only ids, names, boxes, areas and crowds are kept.

    Returns:
        None if the file is not plain, as in `read_results`.
    """
    columns = READER.chosen().read_instances(os.fsencode(path))
    if columns is None:
        return None
    image_ids, category_ids, names, number, image, category, box, area, crowd = columns
    return InstanceArrays(
        image_ids=image_ids,
        category_ids=category_ids,
        category_names=tuple(json.loads(name) for name in names),
        id=number,
        image=image,
        category=category,
        box=box,
        area=np.where(np.isnan(area), box[:, 2] * box[:, 3], area),
        crowd=crowd,
    )


def flat_records(truth: InstanceArrays, found: ResultArrays) -> FlatRecords | None:
    """Return truth and detections by ascending image id, with labels by ascending category id.

    Returns:
        None if a row is at fault: an id that occurs twice, an unknown image or category, a negative
        side or area, a score outside 0..1. The careful readers say which row it is.
    """
    images, classes = _Places(truth.image_ids), _Places(truth.category_ids)
    places = [
        ids.of(values)
        for side in (found, truth)
        for ids, values in ((images, side.image), (classes, side.category))
    ]
    stated = truth.id[truth.id != np.iinfo(np.int64).min]
    if (
        not (images.unique and classes.unique and len(np.unique(stated)) == len(stated))
        or any(place is None for place in places)
        or not _all_at_least(0.0, found.box[:, 2:], truth.box[:, 2:], truth.area, found.score)
        or not _all_at_least(-1.0, -found.score)
    ):
        return None
    image, label, true_image, true_label = places
    return FlatRecords(
        image_ids=tuple(images.sorted.tolist()),
        detections=FlatDetections(*_by_image(image, label, found.score, found.box)),
        truths=FlatTruths(*_by_image(true_image, true_label, truth.box, truth.crowd, truth.area)),
    )


class _Places:
    """The places of ids in ascending order."""

    def __init__(self, ids: np.ndarray) -> None:
        self.sorted = np.sort(ids)
        self.unique = bool((np.diff(self.sorted) > 0).all())
        first = int(self.sorted[0]) if len(ids) else 0
        self._table = np.empty(0, np.int64)
        if len(ids) and int(self.sorted[-1]) - first < 16 * len(ids) + 65536:
            self._table = np.full(int(self.sorted[-1]) - first + 1, -1)
            self._table[self.sorted - first] = np.arange(len(ids))

    def of(self, values: np.ndarray) -> np.ndarray | None:
        """Return the place of each value, or None if one is not among the ids."""
        if not len(values):
            return np.empty(0, np.int64)
        if not len(self.sorted) or values.min() < self.sorted[0] or values.max() > self.sorted[-1]:
            return None
        if len(self._table):
            places = self._table[values - self.sorted[0]]
            return None if places.min() < 0 else places
        places = np.searchsorted(self.sorted, values)
        return places if np.array_equal(self.sorted[places], values) else None


def _all_at_least(least: float, *columns: np.ndarray) -> bool:
    return all(not column.size or column.min() >= least for column in columns)


def _by_image(image: np.ndarray | None, *columns: np.ndarray | None) -> list[np.ndarray]:
    """Return the columns by image; rows of an image stay in the order of the file."""
    assert image is not None
    given = [image, *(column for column in columns if column is not None)]
    if (image[1:] >= image[:-1]).all():
        return given
    order = np.argsort(image, kind="stable")
    return [column[order] for column in given]
