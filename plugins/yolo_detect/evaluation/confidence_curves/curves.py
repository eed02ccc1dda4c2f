"""Precision and recall read at 1,000 confidences, and the one with the highest mean F1."""

from __future__ import annotations

import numpy as np

CONFIDENCES = np.linspace(0, 1, 1000)
TINY = 1e-16  # added to precision + recall
_SMOOTHED = 0.1  # share of the confidences over which mean F1 is smoothed before its maximum


def curves(score: np.ndarray, right: np.ndarray, truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall, (1000,) each, read by straight lines between the scores.

    Args:
        score: (n,) of the detections of a class, falling.
        right: (n,) bool, true positives.
        truths: objects of the class, above 0.
    """
    if not len(score):
        return np.zeros(len(CONFIDENCES)), np.zeros(len(CONFIDENCES))
    hits = np.cumsum(right)
    falling = -score.astype(np.float32)
    precision = np.interp(-CONFIDENCES, falling, hits / np.arange(1, len(hits) + 1), left=1)
    recall = np.interp(-CONFIDENCES, falling, hits / truths, left=0)
    return precision, recall


def f1_of(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """Return F1, 0 where both are 0."""
    return 2 * precision * recall / (precision + recall + TINY)


def best_confidence(mean_f1: np.ndarray) -> int:
    """Return the place of the highest smoothed mean F1 (1000,)."""
    return int(_smoothed(mean_f1).argmax())


def _smoothed(curve: np.ndarray) -> np.ndarray:
    """Return the running mean over a tenth of the curve; beyond its ends the curve is constant."""
    width = round(2 * _SMOOTHED * len(curve)) // 2 + 1
    padded = np.pad(curve, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")
