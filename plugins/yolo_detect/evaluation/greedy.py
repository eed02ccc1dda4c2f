"""The greedy matching of detections with true objects, as COCO defines it."""

from __future__ import annotations

import numpy as np

_COUNTED = 1 << 30  # added to the place of a candidate that is not ignored, so that it wins


def match_greedily(
    starts: np.ndarray,
    truths: np.ndarray,
    ious: np.ndarray,
    groups: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Match rows (detections) with truths, for every area range and IoU threshold on its own.

    The rows of a group are served one after the other. A row takes, among its candidates whose
    IoU is at least the threshold and that no earlier row took, the one with the highest IoU that
    is not ignored, or else the one with the highest IoU among the ignored; of equal ones the
    last. Crowd regions, always ignored, are never used up.

    Args:
        starts: (K + 1,) int64; row k has the candidates starts[k]:starts[k + 1], at least one.
        truths: (P,) int64, the true object of each candidate.
        ious: (P,) float64, rising within a row, ties by rising truth.
        groups: (K,) int64, not falling; rows of different groups share no truth. Inside a group
            rows are in the order in which they are served.
        crowd: (G,) bool.
        ignored: (G, A) bool, True for every crowd region.
        thresholds: (T,) float64.

    Returns:
        (K, A, T) int32: the truth that the row took, or -1.
    """
    rows, areas, levels = len(groups), ignored.shape[1], len(thresholds)
    matched = np.full((rows, areas * levels), -1, np.int32)
    if not rows:
        return matched.reshape(rows, areas, levels)
    needed = np.tile(np.minimum(thresholds, 1 - 1e-10), areas)
    counted = np.repeat(np.where(ignored, 0, _COUNTED).astype(np.int32), levels, axis=1)
    free = np.ones((len(crowd), areas * levels), dtype=bool)
    columns = np.arange(areas * levels)
    for served in _rounds(groups):
        lengths = starts[served + 1] - starts[served]
        ends = np.cumsum(lengths)
        place = np.arange(ends[-1]) + np.repeat(starts[served] - (ends - lengths), lengths)
        truth = truths[place]
        open_ = free[truth] & (ious[place, None] >= needed)
        rank = np.where(open_, counted[truth] + place[:, None].astype(np.int32), -1)
        best = np.maximum.reduceat(rank, ends - lengths, axis=0)
        chosen = np.where(best >= 0, truths[np.maximum(best, 0) & (_COUNTED - 1)], -1)
        matched[served] = chosen
        row, column = np.nonzero((chosen >= 0) & ~crowd[chosen])
        free[chosen[row, column], columns[column]] = False
    return matched.reshape(rows, areas, levels)


def _rounds(groups: np.ndarray) -> list[np.ndarray]:
    """The first rows of all groups, then all second rows, and so on."""
    first = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    turn = np.arange(len(groups)) - np.repeat(first, np.diff(np.append(first, len(groups))))
    order = np.argsort(turn, kind="stable")
    return np.split(order, np.cumsum(np.bincount(turn))[:-1])
