"""Intervals and paired tests by the bootstrap over samples (images, pairs, rows).

A resample draws as many samples as there are, with replacement; it is a weight for each sample, how
often it was drawn. So whatever can be computed from weighted counts needs no second evaluation.
Intervals are BCa, bias-corrected and accelerated: B. Efron, "Better Bootstrap Confidence
Intervals", Journal of the American Statistical Association 82 (1987). The acceleration comes from
the jackknife. Where nearly all resamples lie on one side of the number, as those of a calibration
error over many bins do, the bias is more than BCa can correct, and the interval is the basic one:
A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 2.4.
Beyond `MOST_LEFT_OUT` samples it leaves out blocks of samples, not single ones: the
skewness of a mean of blocks is that of the samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from nntasks.seeding import Seeds

RESAMPLES = 1000
CONFIDENCE = 0.95
MOST_LEFT_OUT = 250  # evaluations of the jackknife
_CELLS_AT_ONCE = 1 << 23  # weights that are evaluated together
_LEAST_DEFINED = 0.9  # share of the resamples in which a number must be defined
Name = TypeVar("Name")


class Estimate(NamedTuple):
    """A number and its 95 % interval; `low` and `high` are NaN where there is none."""

    value: float
    low: float
    high: float


class Difference(NamedTuple):
    """A difference of two results on the same samples, its 95 % interval and two-sided p-value.

    The interval excludes 0 if and only if `p` is below 0.05.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Replicates:
    """One number on all samples, on each resample, and with samples left out.

    Attributes:
        value: on all samples.
        resampled: (B,) float64, NaN where undefined.
        left_out: (J,) float64 of the jackknife.
    """

    value: float
    resampled: np.ndarray
    left_out: np.ndarray

    def interval(self) -> Estimate:
        """Return the number with its BCa interval, or the basic one if it is biased too much.

        There is none of a single sample, which says nothing of others, and none if the number is
        undefined, or undefined in more than a tenth of the resamples, as for a class that only two
        images have.
        """
        if not self._is_defined():
            return Estimate(self.value, math.nan, math.nan)
        from scipy.special import ndtr, ndtri

        drawn = self.resampled[~np.isnan(self.resampled)]
        bias, acceleration = self._bias(drawn, self.value), self._acceleration()
        if self._is_one_sided(drawn):
            tail = 0.5 - CONFIDENCE / 2
            high, low = 2 * self.value - np.quantile(drawn, [tail, 1 - tail], method="weibull")
            return Estimate(self.value, float(low), float(high))
        tails = ndtri([0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
        shifted = bias + tails
        shares = ndtr(bias + shifted / (1 - acceleration * shifted))
        low, high = np.quantile(drawn, shares, method="weibull")
        return Estimate(self.value, float(low), float(high))

    def difference(self, other: Replicates) -> Difference:
        """Return this number minus another on the same resamples."""
        mine = Replicates(
            self.value - other.value,
            self.resampled - other.resampled,
            self.left_out - other.left_out,
        )
        value, low, high = mine.interval()
        return Difference(value, low, high, mine._p_value())

    def _p_value(self) -> float:
        """The smallest level at which the interval excludes 0, at least 2 / (B + 1)."""
        if not self._is_defined():
            return math.nan
        from scipy.special import ndtr

        drawn = self.resampled[~np.isnan(self.resampled)]
        if self._is_one_sided(drawn):
            tail = self._share_below(drawn, 2 * self.value)
        elif (drawn > 0).all() or (drawn < 0).all():  # no level that resamples tell has 0 inside
            return 2 / (len(drawn) + 1)
        else:
            bias, acceleration = self._bias(drawn, self.value), self._acceleration()
            shifted = self._bias(drawn, 0.0) - bias
            tail = float(ndtr(shifted / (1 + acceleration * shifted) - bias))
        return min(max(2 * min(tail, 1 - tail), 2 / (len(drawn) + 1)), 1.0)

    def _is_defined(self) -> bool:
        count = len(self.resampled)
        enough = np.isfinite(self.resampled).sum() >= _LEAST_DEFINED * count
        several = len(self.left_out) != 1  # with one sample there is one to leave out
        return bool(count and math.isfinite(self.value) and enough and several)

    def _is_one_sided(self, drawn: np.ndarray) -> bool:
        """Whether fewer resamples than a tail of the interval lie on one side of the number."""
        share, tail = self._share_below(drawn, self.value), 0.5 - CONFIDENCE / 2
        return not tail <= share <= 1 - tail

    @classmethod
    def _bias(cls, drawn: np.ndarray, value: float) -> float:
        """The normal score of the share of resamples below a value."""
        from scipy.special import ndtri

        least = 1 / (len(drawn) + 1)
        return float(ndtri(min(max(cls._share_below(drawn, value), least), 1 - least)))

    @staticmethod
    def _share_below(drawn: np.ndarray, value: float) -> float:
        """The share of resamples below a value; equal ones count half."""
        near = 1e-12 * max(1.0, abs(value))  # one number by two orders of summation is equal
        below, equal = (drawn < value - near).sum(), (np.abs(drawn - value) <= near).sum()
        return float((below + 0.5 * equal) / len(drawn))

    def _acceleration(self) -> float:
        values = self.left_out[~np.isnan(self.left_out)]
        if not len(values):
            return 0.0
        centred = values.mean() - values
        spread = float((centred**2).sum()) ** 1.5
        return float((centred**3).sum()) / (6 * spread) if spread > 1e-30 else 0.0


def drawn_weights(
    samples: int, *, seed: int, resamples: int = RESAMPLES, name: str = "bootstrap"
) -> np.ndarray:
    """Return (resamples, samples) uint8: how often each sample is drawn.

    They depend on the seed, the name of the stream and the number of samples alone; more resamples
    leave the first ones as they are.
    """
    stream = Seeds(seed).numpy(name, samples)
    weights = np.empty((resamples, samples), np.uint8)
    for row in weights:
        row[:] = np.bincount(stream.integers(0, max(samples, 1), samples), minlength=samples)
    return weights


def left_out_weights(samples: int, most: int = MOST_LEFT_OUT) -> np.ndarray:
    """Return (J, samples) uint8 for the jackknife: 0 for a sample or block of samples, else 1."""
    blocks = min(samples, most)
    owner = np.arange(samples) * blocks // max(samples, 1)
    return (owner != np.arange(blocks)[:, None]).astype(np.uint8)


def replicates(
    numbers_of: Callable[[np.ndarray], Mapping[Name, np.ndarray]],
    samples: int,
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> dict[Name, Replicates]:
    """Return the replicates of every number.

    Args:
        numbers_of: takes weights (W, samples) uint8 and returns each number by name, (W,) float64.
        samples: how many there are.
        seed: of the resamples; two results with one seed get the same resamples.
        resamples: how many.
    """
    drawn = drawn_weights(samples, seed=seed, resamples=resamples)
    whole = np.ones((1, samples), np.uint8)
    weights = np.concatenate([whole, drawn, left_out_weights(samples)])
    step = max(_CELLS_AT_ONCE // max(samples, 1), 1)
    parts = [numbers_of(weights[at : at + step]) for at in range(0, len(weights), step)]
    numbers = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cuts = [1, 1 + resamples]
    return {
        name: Replicates(float(first[0]), middle, rest)
        for name, values in numbers.items()
        for first, middle, rest in [np.split(values, cuts)]
    }
