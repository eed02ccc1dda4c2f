"""The Python reference of the compiled curves: each weighting's detections written down in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.confidence_curves.curves import curves, f1_of

_Row = tuple[int, int, np.ndarray, np.ndarray]  # weighting, class, precision, recall


def f1_sums(
    ranking: Sequence[np.ndarray],
    truths: np.ndarray,
    weights: np.ndarray,
    confidences: np.ndarray,
    *,
    threads: int = 1,
) -> np.ndarray:
    """Return (L, B) float64: the sum of F1 over the classes, at each confidence.

    Args:
        ranking: starts (C + 1,) int64, image (N,) int64, copy (N,) uint8, as in `Rankings` of
            `weighted_ap`; score (N,) float64, falling in each class; right (N,) bool.
        truths: (C, B) int64, the weighted number of objects; a class without any adds 0.
        weights: (B, I) uint8, how often each image counts.
        confidences: (L,) float64, `CONFIDENCES`.
        threads: no result depends on them.
    """
    sums = np.zeros((len(confidences), len(weights)))
    for weighting, _, precision, recall in _curves(ranking, truths, weights):
        sums[:, weighting] += f1_of(precision, recall)
    return sums


def points(
    ranking: Sequence[np.ndarray],
    truths: np.ndarray,
    weights: np.ndarray,
    confidences: np.ndarray,
    chosen: np.ndarray,
    *,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return precision and recall, (C, B) float64 each, at one confidence for each weighting.

    Args:
        ranking, truths, weights, confidences, threads: as in `f1_sums`.
        chosen: (B,) int64, places of confidences.
    """
    found = np.zeros((2, *truths.shape))
    for weighting, label, *both in _curves(ranking, truths, weights):
        found[:, label, weighting] = [curve[chosen[weighting]] for curve in both]
    return found[0], found[1]


def _curves(
    ranking: Sequence[np.ndarray], truths: np.ndarray, weights: np.ndarray
) -> Iterator[_Row]:
    starts, image, copy, score, right = ranking
    for weighting, drawn in enumerate(weights):
        times = drawn[image].astype(np.int64)
        times = np.where(copy > 0, times >= copy, times)
        for label in range(len(starts) - 1):
            mine = slice(starts[label], starts[label + 1])
            own, hit = (np.repeat(column[mine], times[mine]) for column in (score, right))
            objects = max(int(truths[label, weighting]), 1)
            yield weighting, label, *curves(own, hit, objects)
