"""The twelve COCO numbers, and average precision class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import (
    AveragePrecision,
    coco_101,
)
from nntasks.plugins.yolo_detect.evaluation.hits import RankedHits, ranked_hits
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, COCO_THRESHOLDS, MatchTable


@dataclass(frozen=True)
class CocoNumbers:
    """COCO average precision and recall.

    A class without true objects in an area range is NaN there and left out of every mean; a mean
    over nothing is NaN. (The reference implementation writes -1 in both cases.)

    Attributes:
        precision: (A, 10, C) average precision by area range, IoU threshold 0.50:0.05:0.95, class.
        recall: (A, 10, C) recall with all detections of the table.
        recall_at: by number of detections per image and class, (10, C) recall over all areas.
    """

    precision: np.ndarray
    recall: np.ndarray
    recall_at: dict[int, np.ndarray]

    def summary(self) -> dict[str, float]:
        """Return the twelve numbers in their usual order."""
        numbers = {
            "map50_95": mean(self.precision[0]),
            "map50": mean(self.precision[0, _level(0.5)]),
            "map75": mean(self.precision[0, _level(0.75)]),
        }
        sizes = list(enumerate(AREAS))[1:]
        numbers |= {f"map_{name}": mean(self.precision[area]) for area, name in sizes}
        numbers |= {f"ar{count}": mean(recall) for count, recall in self.recall_at.items()}
        return numbers | {f"ar_{name}": mean(self.recall[area]) for area, name in sizes}

    def per_class(self) -> np.ndarray:
        """Return (C,) AP at 0.50:0.05:0.95 over all areas."""
        return self.precision[0].mean(axis=0)


def recall_counts(max_detections: int) -> tuple[int, ...]:
    """Return the numbers of detections at which recall is given: 1, 10 and the maximum."""
    return tuple(sorted({min(count, max_detections) for count in (1, 10)} | {max_detections}))


def coco_numbers(
    table: MatchTable, hits: RankedHits | None = None, average: AveragePrecision = coco_101
) -> CocoNumbers:
    """Compute average precision and recall from the table, and its `ranked_hits` if given."""
    hits = ranked_hits(table) if hits is None else hits
    levels = table.coco_indices
    precision = np.full((len(AREAS), len(levels), len(table.class_names)), np.nan)
    for area in range(len(AREAS)):
        for level, label, places, detections, truths in hits.rankings(area, levels):
            precision[area, level, label] = average(places, detections, truths)
    found = np.diff(hits.bounds).reshape(hits.detections.shape)[:, levels]
    return CocoNumbers(
        precision=precision,
        recall=_share(found, hits.truths[:, None, :]),
        recall_at={
            count: _share(_found_by_best(table, levels, count), hits.truths[0])
            for count in recall_counts(table.max_detections)
        },
    )


def mean(values: np.ndarray) -> float:
    """Return the mean of the defined values; NaN if there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _level(iou: float) -> int:
    return int(np.argmin(np.abs(COCO_THRESHOLDS - iou)))


def _found_by_best(table: MatchTable, levels: list[int], count: int) -> np.ndarray:
    """(10, C) truths found by the best `count` detections of each image and class."""
    rows = np.flatnonzero(table.place[table.row_detection] < count)
    matched, ignored = (
        cells[0][levels][:, rows] for cells in (table.row_matched, table.row_ignored)
    )
    level, row = np.nonzero((matched >= 0) & ~ignored)
    classes = len(table.class_names)
    cell = level * classes + table.label[table.row_detection[rows[row]]]
    return np.bincount(cell, minlength=len(levels) * classes).reshape(len(levels), classes)


def _share(found: np.ndarray, truths: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(truths > 0, found / truths, np.nan)
