"""The learning-rate range test: train with a growing rate and record the loss.

L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017 (arXiv:1506.01186).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from nntasks.errors import RunFailed, UsageError
from nntasks.interfaces import RunHandle, Split
from nntasks.machine.progress import bar

SMOOTHING = 0.9  # decay of the running mean of the loss
DIVERGED = 4.0  # times the best smoothed loss
_LEAST_STEPS = 10  # steps before the test may end as diverged


@runtime_checkable
class RateTested(Protocol):
    """A model that can be tested: any `TorchModel`, or one with this method."""

    def losses_at(
        self, train: Split, run: RunHandle, rates: Sequence[float]
    ) -> Generator[tuple[float, float]]:
        """Train a step at each rate; yield rate and loss."""


@dataclass
class RangeTest:
    """The record of the test.

    Attributes:
        rates: the learning rate of each step, rising.
        losses: the loss of each step's batch.
        smoothed: their running mean, corrected for its start.
        diverged: whether it ended because the loss grew.
    """

    rates: list[float]
    losses: list[float]
    smoothed: list[float]
    diverged: bool
    _mean: float = 0.0  # of the losses, not corrected for its start

    def add(self, rate: float, loss: float) -> None:
        """Add a step; a loss that is not finite or four times the best ends the test."""
        if not math.isfinite(loss):
            self.diverged = True
            return
        number = len(self.losses)
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * loss
        self.rates.append(rate)
        self.losses.append(loss)
        self.smoothed.append(self._mean / (1 - SMOOTHING ** (number + 1)))
        self.diverged = number >= _LEAST_STEPS and self.smoothed[-1] > DIVERGED * min(self.smoothed)

    @property
    def steepest(self) -> float:
        """The rate at which the smoothed loss falls fastest on the logarithmic scale."""
        lowest = min(range(len(self.smoothed)), key=self.smoothed.__getitem__)
        log = [math.log(rate) for rate in self.rates]
        slopes = [
            (self.smoothed[i + 1] - self.smoothed[i - 1]) / (log[i + 1] - log[i - 1])
            for i in range(1, max(lowest, 2))
        ]
        return self.rates[1 + min(range(len(slopes)), key=slopes.__getitem__)]

    @property
    def below_minimum(self) -> float:
        """A tenth of the rate at which the smoothed loss is lowest: the cautious choice."""
        return self.rates[min(range(len(self.smoothed)), key=self.smoothed.__getitem__)] / 10


def check_rates(lowest: float, highest: float, steps: int) -> None:
    """Raise UsageError unless 0 < lowest < highest, finite, and there are enough steps."""
    if not 0 < lowest < highest < math.inf or steps < _LEAST_STEPS:
        raise UsageError(
            f"expected 0 < lowest < highest and at least {_LEAST_STEPS} steps, got {lowest:g}, "
            f"{highest:g} and {steps}"
        )


def range_test(
    model: RateTested, train: Split, run: RunHandle, *, lowest: float, highest: float, steps: int
) -> RangeTest:
    """Train for `steps` steps with rates from `lowest` to `highest`, evenly on a logarithmic scale.

    This changes the model: build another one for training.

    Args:
        model: a new or pretrained model.
        train: the training split.
        run: the handle for the model's preparation before its first step.
        lowest, highest: rates above 0.
        steps: the number of steps; the test ends early if the loss is four times its best.

    Raises:
        UsageError: the rates or steps are invalid.
        RunFailed: the loss is not finite in the first step.
    """
    check_rates(lowest, highest, steps)
    found = RangeTest([], [], [], diverged=False)
    rates = [lowest * (highest / lowest) ** (number / (steps - 1)) for number in range(steps)]
    with (
        contextlib.closing(model.losses_at(train, run, rates)) as losses,
        bar("learning rates", steps) as advance,
    ):
        for rate, loss in losses:
            found.add(rate, loss)
            if found.diverged:
                break
            advance(note=f"lr {rate:.2g} loss {loss:.4f}")
    if len(found.rates) < 3:
        raise RunFailed(
            f"the loss is not finite at the lowest rate {lowest:g}; give a lower --lowest"
        )
    return found
