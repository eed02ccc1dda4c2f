"""Means and paired differences over seeds, with intervals.

The 95 % intervals are Student's (1908). They assume that results are normally distributed over
seeds. Differences are paired by seed, which removes the effect that a seed has on both sides.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and its confidence interval.

    Attributes:
        mean: of `count` values.
        half: half the width of the interval; NaN for a single value.
        count: the number of values.
    """

    mean: float
    half: float
    count: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval exists and excludes zero."""
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
    from scipy.special import stdtrit  # scipy.stats would take half a second to import

    quantile = float(stdtrit(count - 1, 0.5 + CONFIDENCE / 2))
    return Interval(mean, quantile * statistics.stdev(values) / math.sqrt(count), count)


def ends(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the two ends of the 95 % interval of a mean; None for fewer than two values.

    The interval of shares, which lie in 0..1, is computed for the log odds of their mean by the
    delta method (Agresti, "Categorical Data Analysis", 2013, section 1.4) and turned back, so that
    it ends within 0..1, too. Where all shares are 0 or all are 1, the spread over seeds is unknown
    and both ends are that value.
    """
    found = interval(values)
    if found.count < 2:
        return None
    mean = found.mean
    if not all(0 <= value <= 1 for value in values) or not 0 < mean < 1:
        return mean - found.half, mean + found.half
    odds, half = math.log(mean / (1 - mean)), found.half / (mean * (1 - mean))
    return _logistic(odds - half), _logistic(odds + half)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def paired(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Interval:
    """Return the mean of ours - theirs over their common seeds, and its interval."""
    return interval([ours[seed] - theirs[seed] for seed in sorted(ours) if seed in theirs])
