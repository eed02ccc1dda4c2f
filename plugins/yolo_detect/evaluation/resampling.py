"""The detection metrics of many resamples of the images, without matching anything again.

A resample is a weight for each image: how often it was drawn. The numbers are those of a data set
in which an image of weight w occurs w times under ids of its own, its copies side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import recall_counts
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, MatchTable

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from nntasks.ops import Rankings

_LEVELS = np.linspace(0, 1, 101)
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
    numbers: dict[str, list[np.ndarray]] = {}
    per_class: dict[str, list[np.ndarray]] = {}
    best = table.best(at.max_detections)
    point = _PointCounts.of(table, at.iou, at.confidence)
    fewer = recall_counts(at.max_detections)[:-1]
    by_best = {count: _found_by_best(best, count) for count in fewer}
    rankings = rankings_of(best, weights.max(axis=0, initial=0))
    for block in _blocks(table, weights):
        coco, coco_class = _coco_numbers(best, rankings, by_best, block)
        at_point, point_class = point.numbers(block)
        for name, values in (coco | at_point).items():
            numbers.setdefault(name, []).append(values)
        for name, values in (coco_class | point_class).items():
            per_class.setdefault(name, []).append(values)
    return ResampledNumbers(
        {name: np.concatenate(parts) for name, parts in numbers.items()},
        {name: np.concatenate(parts, axis=1) for name, parts in per_class.items()},
    )


def rankings_of(table: MatchTable, most: np.ndarray) -> Rankings:
    """Return the rankings of COCO's columns: all area ranges, IoU 0.50:0.05:0.95.

    Detections of equal score in one image take turns when the image is there more than once. So
    they are written down once for each copy, if any of them overlaps an object.

    Args:
        table: the matches.
        most: (I,) the largest weight of each image.
    """
    from nntasks.ops import Rankings  # torch, which naming the metrics can do without

    count = len(table.detections)
    has_row = np.zeros(count, bool)
    has_row[table.rows.detection] = True
    found = table.detections
    keys = (found.label, found.score, found.image)
    begins = np.zeros(count, bool)
    begins[:1] = True
    for key in keys:
        begins[1:] |= key[1:] != key[:-1]
    tie = np.cumsum(begins) - 1  # detections of one class, score and image are neighbours
    size = np.bincount(tie)
    turns = (size > 1) & (np.bincount(tie, weights=has_row) > 0)
    copies = np.where(turns[tie], most[found.image].astype(np.int64), 1)
    owner = np.repeat(np.arange(count), copies)
    copy = np.arange(len(owner)) - np.repeat(np.cumsum(copies) - copies, copies)
    order = np.lexsort((owner, copy, tie[owner]))
    owner, copy = owner[order], np.where(turns[tie[owner]], copy + 1, 0)[order]
    row_of = np.full(count, -1)
    row_of[table.rows.detection] = np.arange(len(table.rows.detection))
    rows = np.flatnonzero(row_of[owner] >= 0)
    chosen = row_of[owner[rows]]
    ignored, matched = (
        cells[chosen][..., table.coco_indices].transpose(1, 2, 0)
        for cells in (table.rows.ignored, table.rows.matched)
    )
    return Rankings(
        starts=np.searchsorted(found.label[owner], np.arange(len(table.class_names) + 1)),
        image=found.image[owner],
        copy=copy,
        outside=found.outside[owner],
        rows=rows,
        right=(matched >= 0) & ~ignored,
        ignored=ignored,
    )


def _blocks(table: MatchTable, weights: np.ndarray) -> Iterator[np.ndarray]:
    """Cut the resamples into blocks of bounded memory."""
    columns = len(AREAS) * len(table.coco_indices) * len(table.class_names)
    step = max(_CELLS_AT_ONCE // max(columns, 1), 64)
    for first in range(0, len(weights), step):
        yield weights[first : first + step]


def _coco_numbers(
    table: MatchTable,
    rankings: Rankings,
    by_best: dict[int, csr_matrix],
    weights: np.ndarray,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    from nntasks.ops import weighted_ap

    truths = np.stack([_truths(table, area, weights) for area in range(len(AREAS))])
    curves, hits = weighted_ap(rankings, truths, weights, _LEVELS)
    precision, found = curves.numpy(), hits.numpy()  # (A, T, C, B)
    recall = _share(found, truths[:, None]).mean(axis=1)
    sizes = list(enumerate(AREAS))[1:]
    levels = len(table.coco_indices)
    numbers = {
        "map50_95": _class_mean(precision[0].mean(axis=0)),
        "map50": _class_mean(precision[0, 0]),
        "map75": _class_mean(precision[0, 5]),
    }
    numbers |= {f"map_{name}": _class_mean(precision[a].mean(axis=0)) for a, name in sizes}
    for count, per_image in by_best.items():
        counted = (per_image @ weights.T).reshape(levels, *truths.shape[1:])
        numbers[f"ar{count}"] = _class_mean(_share(counted, truths[0]).mean(axis=0))
    numbers[f"ar{table.max_detections}"] = _class_mean(recall[0])
    numbers |= {f"ar_{name}": _class_mean(recall[a]) for a, name in sizes}
    return numbers, {"map50_95": precision[0].mean(axis=0), "map50": precision[0, 0]}


def _truths(table: MatchTable, area: int, weights: np.ndarray) -> np.ndarray:
    """(C, B) int64: weighted objects that are not ignored."""
    counted = ~table.truths.ignored[:, area]
    return _per_image(table.truths.label[counted], table.truths.image[counted], table) @ weights.T


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


def _per_image(
    cell: np.ndarray, image: np.ndarray, table: MatchTable, cells: int | None = None
) -> csr_matrix:
    """(cells, I) int64 counts; cells are classes unless said otherwise."""
    from scipy.sparse import csr_matrix

    shape = (len(table.class_names) if cells is None else cells, len(table.image_ids))
    return csr_matrix((np.ones(len(cell), np.int64), (cell, image)), shape)


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
        right, detections, truths = (
            counts @ weights.T for counts in (self.right, self.detections, self.truths)
        )
        per_class = _three(right, detections, truths)
        numbers = _three(right.sum(axis=0), detections.sum(axis=0), truths.sum(axis=0))
        present = np.where(truths > 0, 1.0, np.nan)
        macro = {f"{name}_macro": _class_mean(v * present) for name, v in per_class.items()}
        return numbers | macro, per_class


def _three(right: np.ndarray, detections: np.ndarray, truths: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "precision": _share(right, detections),
        "recall": _share(right, truths),
        "f1": _share(2 * right, detections + truths),
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, NaN where whole is 0."""
    with np.errstate(invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _class_mean(values: np.ndarray) -> np.ndarray:
    """(C, B) -> (B,): the mean of the classes that are defined."""
    defined = ~np.isnan(values)
    return _share(np.where(defined, values, 0).sum(axis=0), defined.sum(axis=0))
