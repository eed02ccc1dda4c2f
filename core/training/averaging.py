"""The exponential moving average of a module's weights."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn


class Average:
    """A copy of a module whose weights follow it slowly (Polyak averaging).

    The decay rises as `decay * (1 - exp(-step / ramp))`, so that the first steps, far from any
    good weights, are soon forgotten. Integer buffers are copied.
    """

    def __init__(self, module: nn.Module, decay: float, ramp: int) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.decay = decay
        self.ramp = ramp

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards `module` after optimiser step `step` (from 1)."""
        weight = 1 - self.decay * (1 - math.exp(-step / self.ramp))
        mine, theirs = self.module.state_dict(), module.state_dict()
        floats = [name for name, tensor in mine.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], weight)
        for name in mine.keys() - set(floats):
            mine[name].copy_(theirs[name])
