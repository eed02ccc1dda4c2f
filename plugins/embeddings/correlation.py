"""Rank correlation: Spearman with a bootstrap confidence interval.

The resamples draw pairs; see `nntasks.statistics.bootstrap`.
"""

from __future__ import annotations

import numpy as np

from nntasks.seeding import Seeds
from nntasks.statistics.bootstrap import RESAMPLES, Estimate, Replicates, left_out_weights
from nntasks.statistics.ranks import ranks


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's rank correlation of two (N,) arrays, with mean ranks for equal values.

    NaN for fewer than two pairs or a constant side.
    """
    return float(_spearman_rows(np.asarray(x)[None], np.asarray(y)[None])[0])


def _spearman_rows(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the correlation of each row of (R, N) arrays."""
    if x.shape[1] < 2:
        return np.full(len(x), np.nan)
    # Ranks are multiples of 1/2, so sums of their deviations are exact.
    a, b = (ranks(values) - (x.shape[1] + 1) / 2 for values in (x, y))
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.divide((a * b).sum(axis=1), spread, out=np.full(len(x), np.nan), where=spread > 0)


def bootstrap_spearman(
    x: np.ndarray, y: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Return Spearman's correlation with its 95 % BCa interval over pairs.

    Args:
        x, y: (N,) values of the same N pairs.
        seed: the resamples depend on it and on N alone.
        resamples: number of draws of N pairs with replacement. Draws with a constant side are
            left out.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    value = spearman(x, y)
    if np.isnan(value):
        return Estimate(value, np.nan, np.nan)
    draws = Seeds(seed).numpy("bootstrap", len(x)).integers(0, len(x), (resamples, len(x)))
    kept = left_out_weights(len(x)).astype(bool)
    left_out = np.array([spearman(x[chosen], y[chosen]) for chosen in kept])
    return Replicates(value, _spearman_rows(x[draws], y[draws]), left_out).interval()
