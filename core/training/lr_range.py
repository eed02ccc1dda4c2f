"""The learning-rate range test: train with a rate that grows step by step, and watch the loss.

L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017 (arXiv:1506.01186).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nntasks.errors import RunFailed, UsageError
from nntasks.interfaces import Batch, RunHandle, Split
from nntasks.machine.distributed import ALONE
from nntasks.machine.progress import bar
from nntasks.training.batches import Batches
from nntasks.training.optimizers import build_optimizer
from nntasks.training.torch_model import TorchModel

SMOOTHING = 0.9  # decay of the running mean of the loss
DIVERGED = 4.0  # times the best smoothed loss
_LEAST_STEPS = 10  # before it may count as diverged


@dataclass(frozen=True)
class RangeTest:
    """What the test saw.

    Attributes:
        rates: the learning rate of each step, rising.
        losses: the loss of each step's batch.
        smoothed: their running mean, corrected for its start.
        diverged: whether it ended because the loss grew.
    """

    rates: Sequence[float]
    losses: Sequence[float]
    smoothed: Sequence[float]
    diverged: bool

    @property
    def steepest(self) -> float:
        """The rate at which the smoothed loss falls fastest per factor of the rate."""
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


def range_test(
    model: TorchModel, train: Split, run: RunHandle, *, lowest: float, highest: float, steps: int
) -> RangeTest:
    """Train for `steps` steps with rates from `lowest` to `highest`, evenly on a logarithmic scale.

    The model is changed by it: build another one to train.

    Args:
        model: fresh, or pretrained.
        train: its training split.
        run: for what the model does before its first step.
        lowest, highest: rates, above 0.
        steps: how many; it ends earlier where the loss is four times its best.

    Raises:
        UsageError: the rates or the steps make no test.
        RunFailed: the loss is not finite from the first step on.
    """
    if not 0 < lowest < highest or steps < _LEAST_STEPS:
        raise UsageError(
            f"expected 0 < lowest < highest and at least {_LEAST_STEPS} steps, got {lowest:g}, "
            f"{highest:g} and {steps}"
        )
    model.prepare_training(train, run)
    optimizer = build_optimizer(model.config, model.parameter_groups())
    model.train_mode()
    rates: list[float] = []
    losses: list[float] = []
    smoothed: list[float] = []
    mean, diverged = 0.0, False
    with bar("learning rates", steps) as advance:
        for number, batch in zip(range(steps), _batches(model, train), strict=False):
            rate = lowest * (highest / lowest) ** (number / (steps - 1))
            loss = _step(model, optimizer, batch, rate, number)
            if not math.isfinite(loss):
                diverged = True
                break
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            rates.append(rate)
            losses.append(loss)
            smoothed.append(mean / (1 - SMOOTHING ** (number + 1)))
            advance(note=f"lr {rate:.2g} loss {loss:.4f}")
            if number >= _LEAST_STEPS and smoothed[-1] > DIVERGED * min(smoothed):
                diverged = True
                break
    if len(rates) < 3:
        raise RunFailed(
            f"the loss is not finite at a rate of {lowest:g} already; give a lower --lowest"
        )
    return RangeTest(rates, losses, smoothed, diverged)


def _batches(model: TorchModel, train: Split) -> Iterator[Batch]:
    """Yield training batches, epoch after epoch without end."""
    config = model.config
    batches = Batches(
        train,
        model.seeds,
        ALONE,
        batch_size=config.batch_size,
        accumulate=1,
        loaders=config.workers,
    )
    epoch = 0
    while True:
        for pieces in batches.epoch(epoch, 0):
            yield pieces[0]
        epoch += 1


def _step(
    model: TorchModel, optimizer: torch.optim.Optimizer, batch: Batch, rate: float, number: int
) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    model.seeds.seed_torch(model.device, "module", 0, number)
    optimizer.zero_grad(set_to_none=True)
    with _autocast(model):
        loss, _ = model.loss(model.module, batch)
    loss.backward()
    if model.config.clip:
        nn.utils.clip_grad_norm_(model.module.parameters(), model.config.clip)
    optimizer.step()
    return float(loss.detach())


def _autocast(model: TorchModel) -> Any:
    """Compute as training would; float16 would need scaling, so bfloat16 stands in for it."""
    if model.config.precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(model.device.type, torch.bfloat16)
