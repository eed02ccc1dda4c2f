"""The reference of `weighted_ap` in NumPy: what it computes, without checks (see weighted_ap.py).

One sweep down each ranking counts, one sweep up reads the curve, for all weightings and columns at
once. The operations and their order are those of the kernel, so the numbers have the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class _Levels:
    """The recall levels 0, 1/last, ..., 1; `rounded` says which lie above the nearest double."""

    last: int
    rounded: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> _Levels:
        last = max(len(values) - 1, 0)
        return cls(last, values > np.arange(len(values)) / max(last, 1))

    def reached(self, hits: np.ndarray, truths: np.ndarray) -> np.ndarray:
        """Return how many levels so many true positives reach; without levels, their number."""
        if not self.last:
            return hits
        share = np.minimum(float(self.last) * hits / truths, self.last)
        whole = share.astype(np.int64)
        short_of = (share == whole) & self.rounded[whole]
        return np.where(hits > 0, whole + 1 - short_of, 0)


def sweep(
    starts: np.ndarray,
    *others: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return average precision and found objects, (A, T, C, B); arguments as of the op."""
    image, copy, outside, rows, right, ignored, truths, weights, levels = others
    shape = (*right.shape[:2], truths.shape[1], truths.shape[2])
    precision, found = np.empty(shape), np.empty(shape, np.int64)
    known = _Levels.of(levels)
    for label, (first, end) in enumerate(pairwise(starts)):
        here = slice(*np.searchsorted(rows, [first, end]))
        inside = np.repeat(~outside[first:end, :, None], right.shape[1], axis=2)  # (n, A, T)
        inside[rows[here] - first] = ~ignored[..., here].transpose(2, 0, 1)
        hit = np.zeros_like(inside)
        hit[rows[here] - first] = (right & ~ignored)[..., here].transpose(2, 0, 1)
        drawn = weights.T[image[first:end]].astype(np.int64)  # (n, B)
        own = copy[first:end, None]
        drawn = np.where(own > 0, drawn >= own, drawn)
        curve = _curve(inside, hit, drawn, truths[:, label], known)
        precision[:, :, label], found[:, :, label] = curve
    return precision, found


def _curve(
    inside: np.ndarray, hit: np.ndarray, drawn: np.ndarray, truths: np.ndarray, levels: _Levels
) -> tuple[np.ndarray, np.ndarray]:
    """(n, A, T) bool, (n, B) weights, (A, B) objects -> AP and true positives, (A, T, B)."""
    objects = np.maximum(truths, 1)[:, None].astype(np.float64)
    counted = np.einsum("nat,nb->atb", inside, drawn)
    hits = np.einsum("nat,nb->atb", hit, drawn)
    found, level = hits.copy(), levels.reached(hits, objects)
    best, total = np.zeros(hits.shape), np.zeros(hits.shape)
    for place in range(len(drawn) - 1, -1, -1):
        if hit[place].any():
            # Between true positives precision is below that at the one before; it does not hurt.
            best = np.maximum(best, hits / np.maximum(counted, 1))
            hits = hits - hit[place][..., None] * drawn[place]
            below = levels.reached(hits, objects)
            total += best * (level - below)
            level = below
        counted = counted - inside[place][..., None] * drawn[place]
    whole = levels.last + 1.0 if levels.last else objects
    with np.errstate(invalid="ignore"):
        return np.where(truths[:, None] > 0, total / whole, np.nan), found
