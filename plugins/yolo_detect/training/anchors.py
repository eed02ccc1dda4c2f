"""Anchors: the reference box shapes of predictions, fitted to the boxes of a data set.

Shapes are compared by their worst side ratio, r = max(w / a, a / w, h / b, b / h) for a box (w, h)
and an anchor (a, b): the measure for the assignment of targets (`assignment.py`). In the
logarithm of the sides, log r is the Chebyshev distance, so k-means there clusters by ratio.
J. Redmon, A. Farhadi, "YOLO9000", CVPR 2017, introduced clustered anchors.
"""

from __future__ import annotations

import numpy as np

RATIO_THRESHOLD = 4.0
_ROUNDS = 100
_STARTS = 8


def side_ratio(shapes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Return the worst side ratio (N, K), at least 1, of shapes (N, 2) and anchors (K, 2)."""
    return np.exp(_log_distance(np.log(shapes), np.log(anchors)))


def best_possible_recall(
    shapes: np.ndarray, anchors: np.ndarray, threshold: float = RATIO_THRESHOLD
) -> float:
    """Return the share of shapes (N, 2) that at least one anchor (..., 2) can be assigned to.

    Both have the same unit; 1.0 without shapes.
    """
    if not len(shapes):
        return 1.0
    ratios = side_ratio(shapes, np.reshape(anchors, (-1, 2)))
    return float((ratios.min(axis=1) < threshold).mean())


def fit_anchors(shapes: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Cluster box shapes by side ratio.

    Args:
        shapes: (N, 2) widths and heights, in pixels of the network's input.
        count: number of anchors; with fewer distinct shapes some are repeated.
        rng: draws the initial centres; equal streams give equal anchors.

    Returns:
        (count, 2) float64 in the unit of `shapes`, by ascending area.

    Raises:
        ValueError: no shape has two positive, finite sides.
    """
    shapes = np.asarray(shapes, dtype=np.float64).reshape(-1, 2)
    shapes = shapes[(np.isfinite(shapes) & (shapes > 0)).all(axis=1)]
    if not len(shapes):
        raise ValueError("anchors need at least one box with a positive width and height, got none")
    points = np.log(shapes)
    runs = [_cluster(points, _spread(points, count, rng)) for _ in range(_STARTS)]
    best = min(runs, key=lambda centres: _log_distance(points, centres).min(axis=1).mean())
    anchors = np.exp(best)
    return anchors[np.argsort(anchors.prod(axis=1), kind="stable")]


def split_by_level(anchors: np.ndarray, levels: int) -> np.ndarray:
    """Distribute anchors (levels * A, 2) to levels by area: (levels, A, 2), finest level first."""
    anchors = np.asarray(anchors, dtype=np.float64).reshape(-1, 2)
    if len(anchors) % levels:
        raise ValueError(f"expected a multiple of {levels} anchors, got {len(anchors)}")
    order = np.argsort(anchors.prod(axis=1), kind="stable")
    return anchors[order].reshape(levels, -1, 2)


def _log_distance(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    return np.abs(points[:, None] - centres[None]).max(axis=2)  # (N, K)


def _spread(points: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose initial centres far apart (k-means++, Arthur and Vassilvitskii 2007)."""
    chosen = [points[rng.integers(len(points))]]
    for _ in range(count - 1):
        weights = _log_distance(points, np.array(chosen)).min(axis=1) ** 2
        total = weights.sum()
        pick = rng.choice(len(points), p=weights / total) if total > 0 else 0
        chosen.append(points[pick])
    return np.array(chosen)


def _cluster(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the centres (K, 2) of Lloyd's algorithm; an empty cluster keeps its centre."""
    nearest = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        before, nearest = nearest, _log_distance(points, centres).argmin(axis=1)
        if np.array_equal(before, nearest):
            break
        sizes = np.bincount(nearest, minlength=len(centres))[:, None]
        sums = np.stack(
            [np.bincount(nearest, points[:, side], len(centres)) for side in (0, 1)], axis=1
        )
        centres = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
    return centres
