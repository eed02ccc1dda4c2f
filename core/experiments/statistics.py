"""Means and paired differences over seeds, with intervals.

The intervals are Student's (1908), 95 %: they suppose that runs with other seeds would scatter
normally. Differences are taken seed by seed, which removes what a seed does to both alike.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and how far it may be off.

    Attributes:
        mean: of `count` values.
        half: half the width of the interval; NaN for one value, which says nothing of its scatter.
        count: how many values.
    """

    mean: float
    half: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval is there and lies on one side of zero."""
        return abs(self.mean) > self.half  # False for NaN

    def __str__(self) -> str:
        if math.isnan(self.mean):
            return "–"
        return f"{self.mean:.4f}" + ("" if math.isnan(self.half) else f" ± {self.half:.4f}")


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of values and its 95 % interval."""
    count = len(values)
    if count == 0:
        return Interval(math.nan, math.nan, 0)
    mean = statistics.fmean(values)
    if count == 1:
        return Interval(mean, math.nan, 1)
    from scipy.stats import t

    quantile = float(t.ppf(0.5 + CONFIDENCE / 2, count - 1))
    return Interval(mean, quantile * statistics.stdev(values) / math.sqrt(count), count)


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Interval:
    """Return the mean difference ours - theirs over the seeds that both have, and its interval."""
    return interval([ours[seed] - theirs[seed] for seed in sorted(ours) if seed in theirs])
