"""Precision, recall and F1 over the confidence threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import share
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.resampling import (
    ResampledNumbers,
    by_weighting,
    counts_by_image,
)

CONFIDENCES = np.arange(1001) / 1000  # so that a score of 0.175 reaches 0.175 despite rounding


@dataclass(frozen=True)
class ConfidenceCounts:
    """Counts at each confidence threshold, at one IoU threshold and over all areas.

    A detection counts if its score is at least the threshold. Detections are matched by descending
    score, so leaving out low ones does not change the other matches.

    Attributes:
        confidences: (L,) float64, ascending.
        right: (C, L) int64, true positives.
        detections: (C, L) int64, detections that are not ignored.
        truths: (C,) int64, true objects that are not ignored.
    """

    confidences: np.ndarray
    right: np.ndarray
    detections: np.ndarray
    truths: np.ndarray

    def precision(self) -> np.ndarray:
        """Return (C, L): true positives / detections; NaN where there is no detection."""
        return _ratio(self.right, self.detections)

    def recall(self) -> np.ndarray:
        """Return (C, L): true positives / true objects; NaN where there is no true object."""
        return _ratio(self.right, self.truths[:, None])

    def f1(self) -> np.ndarray:
        """Return (C, L): 2 true positives / (detections + true objects)."""
        return _ratio(2 * self.right, self.detections + self.truths[:, None])

    def micro(self) -> dict[str, np.ndarray]:
        """Return precision, recall and F1, (L,) each, of all classes counted together."""
        right, detections, truths = self.right.sum(0), self.detections.sum(0), self.truths.sum()
        return {
            "precision": _ratio(right, detections),
            "recall": _ratio(right, np.broadcast_to(truths, right.shape)),
            "f1": _ratio(2 * right, detections + truths),
        }

    def macro(self) -> dict[str, np.ndarray]:
        """Return the means, (L,) each, over the classes that have true objects.

        A class without detections at a confidence has no precision there and is left out of the
        mean precision.
        """
        present = self.truths > 0
        curves = {"precision": self.precision(), "recall": self.recall(), "f1": self.f1()}
        return {name: _column_means(curve[present]) for name, curve in curves.items()}

    def best_f1(self) -> tuple[float, float]:
        """Return the highest macro F1 and its lowest confidence (NaN without objects)."""
        curve = self.macro()["f1"]
        if np.isnan(curve).all():
            return float("nan"), float("nan")
        best = int(np.nanargmax(curve))
        return float(curve[best]), float(self.confidences[best])


def confidence_counts(
    table: MatchTable, iou: float, confidences: np.ndarray = CONFIDENCES
) -> ConfidenceCounts:
    """Count at ascending confidence thresholds, at an IoU threshold of the table."""
    threshold = table.threshold_index(iou)
    counts = ~table.ignored(threshold)
    right = counts & (table.matched(threshold) >= 0)
    # How many thresholds each score passes.
    reached = np.searchsorted(confidences, table.detections.score, side="right")
    return ConfidenceCounts(
        confidences=confidences,
        right=_passing(table, reached, right, len(confidences)),
        detections=_passing(table, reached, counts, len(confidences)),
        truths=table.counted_truths(),
    )


def weighted_best_f1(
    table: MatchTable, iou: float, confidences: np.ndarray = CONFIDENCES
) -> Callable[[np.ndarray], ResampledNumbers]:
    """Return what computes `best_f1` of weights (B, I) uint8, of images that count so often."""
    threshold, found, truths = table.threshold_index(iou), table.detections, table.truths
    counted = ~table.ignored(threshold)
    right = counted & (table.matched(threshold) >= 0)
    reached = np.searchsorted(confidences, found.score, side="right")
    levels, classes, images = len(confidences) + 1, len(table.class_names), len(table.image_ids)
    real = ~truths.ignored[:, 0]
    objects = counts_by_image(truths.label[real], truths.image[real], classes, images)

    def passing(chosen: np.ndarray, label: int, drawn: np.ndarray) -> np.ndarray:
        mine = np.flatnonzero(chosen & (found.label == label))
        counts = counts_by_image(reached[mine], found.image[mine], levels, images) @ drawn
        return np.cumsum(counts[:0:-1], axis=0)  # (L, B), by falling confidence

    def numbers(weights: np.ndarray) -> ResampledNumbers:
        drawn = by_weighting(weights)
        present = objects @ drawn  # (C, B)
        sums = np.zeros((len(confidences), len(weights)))
        for label, own in enumerate(present):
            hits, detections = (passing(chosen, label, drawn) for chosen in (right, counted))
            sums += np.where(own > 0, 2 * hits / np.maximum(detections + own, 1), 0)
        best = share(sums.max(axis=0), (present > 0).sum(axis=0))
        return ResampledNumbers({"best_f1": best}, {})

    return numbers


def _passing(table: MatchTable, reached: np.ndarray, chosen: np.ndarray, levels: int) -> np.ndarray:
    """(C, L): the chosen detections of each class that pass each threshold."""
    classes = len(table.class_names)
    cell = table.detections.label[chosen] * (levels + 1) + reached[chosen]
    counts = np.bincount(cell, minlength=classes * (levels + 1)).reshape(classes, levels + 1)
    return np.cumsum(counts[:, :0:-1], axis=1)[:, ::-1]


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _column_means(curves: np.ndarray) -> np.ndarray:
    defined = ~np.isnan(curves)
    return _ratio(np.where(defined, curves, 0).sum(axis=0), defined.sum(axis=0))
