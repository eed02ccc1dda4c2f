"""The nearest words of many words at a time."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.embeddings.vectors import largest

_CELLS = 1 << 22  # cosines that are held at a time


def nearest(unit: np.ndarray, places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest rows of some rows, themselves left out.

    Args:
        unit: (V, D) rows of length 1 (or 0).
        places: (N,) which rows are asked for.
        count: how many nearest ones, at most V - 1.

    Returns:
        their places (N, count) and cosines (N, count), the nearest first, equal ones by place.
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
        # Where several are equal at the edge, the partition kept any of them.
        reach = (scores >= values.min(axis=1, keepdims=True)).sum(axis=1)
        for row in np.flatnonzero(reach > count):
            found[start + row] = largest(scores[row], count)
        cosines[start : start + size] = np.take_along_axis(values, order, axis=1)
    return found, cosines


def spread(total: int, count: int) -> np.ndarray:
    """Return at most `count` places of 0 to `total` - 1, as many for each factor of frequency.

    Frequent words are few: equal steps of the logarithm of the rank look at all of them and at
    fewer and fewer of the rare ones.
    """
    if count >= total:
        return np.arange(total)
    steps = np.geomspace(1, total, 4 * count)
    places = np.unique(steps.astype(np.int64) - 1)
    chosen = np.linspace(0, len(places) - 1, min(count, len(places))).astype(np.int64)
    return np.unique(places[chosen])
