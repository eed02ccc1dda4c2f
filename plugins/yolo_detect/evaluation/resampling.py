"""The detection metrics of many resamples of the images, without matching anything again.

A resample is a weight for each image: how often it was drawn. The numbers are those of a data set
in which an image of weight w occurs w times under ids of its own, its copies side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import recall_counts, share
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, MatchTable
from nntasks.plugins.yolo_detect.evaluation.weighted_rankings import (
    rankings_of_table,
    weighted_average,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from nntasks.ops import Rankings

_CELLS_AT_ONCE = 1 << 23  # of the curves of all columns, classes and resamples


@dataclass(frozen=True)
class ResampledNumbers:
    """Metrics of each resample; NaN where they are undefined, as without objects.

    Attributes:
        numbers: by name as in `DetectionMetric.compute`, (B,) float64 each.
        per_class: by name as in `DetectionMetric.per_class`, (C, B) float64 each.
    """

    numbers: dict[str, np.ndarray]
    per_class: dict[str, np.ndarray]


@dataclass(frozen=True)
class OperatingPoint:
    """What the numbers depend on besides the matches.

    Attributes:
        iou, confidence: thresholds of precision, recall and F1.
        max_detections: per image and class, for COCO's numbers.
    """

    iou: float = 0.5
    confidence: float = 0.25
    max_detections: int = 100


def resampled_numbers(
    table: MatchTable, weights: np.ndarray, at: OperatingPoint
) -> ResampledNumbers:
    """Compute the metrics of each resample.

    Args:
        table: the matches.
        weights: (B, I) uint8, how often each image counts.
        at: see `OperatingPoint`.
    """
    point = _PointCounts.of(table, at.iou, at.confidence)
    coco = coco_numbers_of(table, weights, at.max_detections)
    numbers, per_class = point.numbers(weights)
    return ResampledNumbers(coco.numbers | numbers, coco.per_class | per_class)


def coco_numbers_of(
    table: MatchTable, weights: np.ndarray, max_detections: int = 100, average: str = "coco"
) -> ResampledNumbers:
    """Compute COCO's numbers of each resample.

    Args:
        table: the matches.
        weights: (B, I) uint8, how often each image counts.
        max_detections: per image and class.
        average: key of `rules.AVERAGES`, "coco" or "single".
    """
    best, classes = table.best(max_detections), len(table.class_names)
    by_best = {count: _found_by_best(best, count) for count in recall_counts(max_detections)[:-1]}
    rankings = rankings_of_table(best, weights.max(axis=0, initial=0))
    return joined(
        _coco_numbers(best, rankings, by_best, block, average)
        for block in weightings_at_once(weights, len(AREAS) * len(table.coco_indices) * classes)
    )


def joined(parts: Iterable[ResampledNumbers]) -> ResampledNumbers:
    """Put the numbers of blocks of resamples side by side."""
    numbers: dict[str, list[np.ndarray]] = {}
    per_class: dict[str, list[np.ndarray]] = {}
    for part in parts:
        for name, values in part.numbers.items():
            numbers.setdefault(name, []).append(values)
        for name, values in part.per_class.items():
            per_class.setdefault(name, []).append(values)
    return ResampledNumbers(
        {name: np.concatenate(parts) for name, parts in numbers.items()},
        {name: np.concatenate(parts, axis=1) for name, parts in per_class.items()},
    )


def weightings_at_once(weights: np.ndarray, columns: int) -> Iterator[np.ndarray]:
    """Cut the resamples into blocks of bounded memory, given the cells of one of them."""
    step = max(_CELLS_AT_ONCE // max(columns, 1), 64)
    for first in range(0, len(weights), step):
        yield weights[first : first + step]


def _coco_numbers(
    table: MatchTable,
    rankings: Rankings,
    by_best: dict[int, csr_matrix],
    weights: np.ndarray,
    average: str,
) -> ResampledNumbers:
    drawn = by_weighting(weights)
    truths = np.stack([_truths(table, area, drawn) for area in range(len(AREAS))])
    precision, found = weighted_average(rankings, truths, weights, average)  # (A, T, C, B)
    recall = share(found, truths[:, None]).mean(axis=1)
    sizes = list(enumerate(AREAS))[1:]
    levels = len(table.coco_indices)
    numbers = {
        "map50_95": class_mean(precision[0].mean(axis=0)),
        "map50": class_mean(precision[0, 0]),
        "map75": class_mean(precision[0, 5]),
    }
    numbers |= {f"map_{name}": class_mean(precision[a].mean(axis=0)) for a, name in sizes}
    for count, per_image in by_best.items():
        counted = (per_image @ drawn).reshape(levels, *truths.shape[1:])
        numbers[f"ar{count}"] = class_mean(share(counted, truths[0]).mean(axis=0))
    numbers[f"ar{table.max_detections}"] = class_mean(recall[0])
    numbers |= {f"ar_{name}": class_mean(recall[a]) for a, name in sizes}
    per_class = {"map50_95": precision[0].mean(axis=0), "map50": precision[0, 0]}
    return ResampledNumbers(numbers, per_class)


def _truths(table: MatchTable, area: int, drawn: np.ndarray) -> np.ndarray:
    """(C, B) int64: weighted objects that are not ignored."""
    counted = ~table.truths.ignored[:, area]
    counts = _per_image(table.truths.label[counted], table.truths.image[counted], table)
    return (counts @ drawn).astype(np.int64)


def _found_by_best(table: MatchTable, count: int) -> csr_matrix:
    """(10 * C, I) objects found by the best detections of each image and class."""
    levels, classes = table.coco_indices, len(table.class_names)
    rows = np.flatnonzero(table.detections.place[table.rows.detection] < count)
    matched, ignored = (
        cells[rows, 0][:, levels] for cells in (table.rows.matched, table.rows.ignored)
    )
    row, level = np.nonzero((matched >= 0) & ~ignored)
    detection = table.rows.detection[rows[row]]
    cell = level * classes + table.detections.label[detection]
    return _per_image(cell, table.detections.image[detection], table, len(levels) * classes)


def counts_by_image(cell: np.ndarray, image: np.ndarray, cells: int, images: int) -> csr_matrix:
    """Return (cells, images) int32: how often each pair occurs."""
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(cell), np.int32), (cell, image)), (cells, images))


def by_weighting(weights: np.ndarray) -> np.ndarray:
    """Return weights (B, I) as (I, B) int32, to multiply counts by image with."""
    return np.ascontiguousarray(weights.T, np.int32)


def _per_image(
    cell: np.ndarray, image: np.ndarray, table: MatchTable, cells: int | None = None
) -> csr_matrix:
    """(cells, I) int32 counts; cells are classes unless said otherwise."""
    count = len(table.class_names) if cells is None else cells
    return counts_by_image(cell, image, count, len(table.image_ids))


@dataclass(frozen=True)
class _PointCounts:
    """True positives, detections and objects at one confidence, (C, I) each."""

    right: csr_matrix
    detections: csr_matrix
    truths: csr_matrix

    @classmethod
    def of(cls, table: MatchTable, iou: float, confidence: float) -> _PointCounts:
        threshold = table.threshold_index(iou)
        found, truths = table.detections, table.truths
        counted = (found.score >= confidence) & ~table.ignored(threshold)
        right = counted & (table.matched(threshold) >= 0)
        real = ~truths.ignored[:, 0]
        return cls(
            _per_image(found.label[right], found.image[right], table),
            _per_image(found.label[counted], found.image[counted], table),
            _per_image(truths.label[real], truths.image[real], table),
        )

    def numbers(self, weights: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return precision, recall and F1 of each resample, and of each class (C, B)."""
        drawn = by_weighting(weights)
        right, detections, truths = (
            counts @ drawn for counts in (self.right, self.detections, self.truths)
        )
        per_class = _three(right, detections, truths)
        numbers = _three(right.sum(axis=0), detections.sum(axis=0), truths.sum(axis=0))
        present = np.where(truths > 0, 1.0, np.nan)
        macro = {f"{name}_macro": class_mean(v * present) for name, v in per_class.items()}
        return numbers | macro, per_class


def _three(right: np.ndarray, detections: np.ndarray, truths: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "precision": share(right, detections),
        "recall": share(right, truths),
        "f1": share(2 * right, detections + truths),
    }


def class_mean(values: np.ndarray) -> np.ndarray:
    """(C, B) -> (B,): the mean of the classes that are defined."""
    defined = ~np.isnan(values)
    return share(np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0))
