"""Nearest neighbours of many words at a time."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.embeddings.keyed.neighbours import largest

_CELLS = 1 << 22  # cosines computed at a time


def nearest(unit: np.ndarray, places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest neighbours of some rows, without themselves.

    Args:
        unit: (V, D) rows of length 1 (or 0).
        places: (N,) the rows to search for.
        count: number of neighbours, at most V - 1.

    Returns:
        their rows (N, count) and cosines (N, count), nearest first, ties by row.
    """
    count = min(count, len(unit) - 1)
    found = np.empty((len(places), count), dtype=np.int64)
    cosines = np.empty((len(places), count), dtype=np.float32)
    size = max(1, _CELLS // max(len(unit), 1))
    for start in range(0, len(places), size):
        chunk = places[start : start + size]
        scores = unit[chunk] @ unit.T
        scores[np.arange(len(chunk)), chunk] = -np.inf
        if count < 1:
            continue
        best = np.sort(np.argpartition(scores, -count, axis=1)[:, -count:], axis=1)
        values = np.take_along_axis(scores, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        found[start : start + size] = np.take_along_axis(best, order, axis=1)
        # Among equal cosines at the threshold the partition keeps arbitrary ones.
        reach = (scores >= values.min(axis=1, keepdims=True)).sum(axis=1)
        for row in np.flatnonzero(reach > count):
            found[start + row] = largest(scores[row], count)
        cosines[start : start + size] = np.take_along_axis(values, order, axis=1)
    return found, cosines


def spread(total: int, count: int) -> np.ndarray:
    """Return at most `count` ranks of 0 to `total` - 1, spread evenly on a logarithmic scale.

    So all of the few frequent words are included, and ever fewer of the rare ones.
    """
    if count >= total:
        return np.arange(total)
    steps = np.geomspace(1, total, 4 * count)
    places = np.unique(steps.astype(np.int64) - 1)
    chosen = np.linspace(0, len(places) - 1, min(count, len(places))).astype(np.int64)
    return np.unique(places[chosen])
