"""Precision and recall of a ranking, and its average precision by every rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.average_precision import (
    coco_101,
    ultralytics_101,
    voc07_11,
    voc10_area,
    yolov5_101,
)

RULES = {
    "coco": coco_101,
    "voc07": voc07_11,
    "voc10": voc10_area,
    "yolov5": yolov5_101,
    "ultralytics": ultralytics_101,
}


@dataclass(frozen=True, repr=False)
class PrecisionRecall:
    """The precision-recall curve of a ranking, a point for each detection.

    Attributes:
        scores: (N,) float64, descending.
        correct: (N,) bool, the true positives.
        truths: the number of true objects.
    """

    scores: np.ndarray
    correct: np.ndarray
    truths: int

    @property
    def true_positives(self) -> np.ndarray:
        """(N,) int64: true positives among the first 1, 2, ..., N detections."""
        return np.cumsum(self.correct)

    @property
    def precision(self) -> np.ndarray:
        """(N,) float64: true positives / detections so far."""
        return self.true_positives / np.arange(1, len(self.correct) + 1)

    @property
    def recall(self) -> np.ndarray:
        """(N,) float64: true positives so far / true objects; NaN without any."""
        with np.errstate(invalid="ignore"):
            return self.true_positives / np.float64(self.truths)

    @property
    def envelope(self) -> np.ndarray:
        """(N,) float64: the best precision here or later, which average precision uses."""
        return np.maximum.accumulate(self.precision[::-1])[::-1]

    @property
    def places(self) -> np.ndarray:
        """(K,) int64: ranks of the true positives, from 1."""
        return np.flatnonzero(self.correct) + 1

    def average_precision(self, rule: str = "coco") -> float:
        """Return the average precision, in 0..1; NaN without true objects.

        Args:
            rule: "coco", the mean of the envelope at 101 recalls; "voc07", at 11 recalls; "voc10",
                the area under the envelope; "yolov5" and "ultralytics", the area of lines through
                101 recalls. The rules of matching are those of COCO for all.

        Raises:
            UsageError: there is no such rule.
        """
        if rule not in RULES:
            raise UsageError(f"rule: expected one of {', '.join(RULES)}, got {rule!r}")
        return RULES[rule](self.places, len(self.correct), self.truths)

    def __repr__(self) -> str:
        return (
            f"<PrecisionRecall: {len(self.correct)} detections, {len(self.places)} true positives, "
            f"{self.truths} objects, AP {self.average_precision():.4f}>"
        )


def precision_recall(scores: ArrayLike, correct: ArrayLike, truths: int) -> PrecisionRecall:
    """Rank detections by descending score, the earlier of equal ones first.

    Args:
        scores: (N,).
        correct: (N,) whether each detection is a true positive.
        truths: the number of true objects, at least the number of true positives.

    Raises:
        UsageError: different lengths, or more true positives than objects.
    """
    values, hits = np.asarray(scores, np.float64), np.asarray(correct, np.bool_)
    if values.ndim != 1 or values.shape != hits.shape:
        raise UsageError(
            f"precision_recall: expected N scores and N of correct, got {values.shape} and "
            f"{hits.shape}"
        )
    if hits.sum() > truths:
        raise UsageError(
            f"precision_recall: expected at least {hits.sum()} objects, one for each true "
            f"positive, got {truths}"
        )
    order = np.argsort(-values, kind="stable")
    return PrecisionRecall(values[order], hits[order], int(truths))
