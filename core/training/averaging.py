"""The exponential moving average of a module's weights."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn


class Average:
    """A copy of a module with averaged weights (Polyak averaging).

    The decay rises as `decay * (1 - exp(-step / ramp))`, so that the average soon forgets
    the poor weights of the first steps. Integer buffers are copied.
    """

    def __init__(self, module: nn.Module, decay: float, ramp: int) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.decay = decay
        self.ramp = ramp
        self._followed: nn.Module | None = None

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move towards `module` after optimiser step `step` (from 1)."""
        if module is not self._followed:
            self._follow(module)
        weight = 1 - self.decay * (1 - math.exp(-step / self.ramp))
        torch._foreach_lerp_(self._mine, self._theirs, weight)
        for mine, theirs in self._counters:
            mine.copy_(theirs)

    def _follow(self, module: nn.Module) -> None:
        """Collect the tensors once: they stay the same objects during training."""
        mine, theirs = self.module.state_dict(), module.state_dict()
        # Tied weights have several names but are updated once.
        distinct = {value.data_ptr(): name for name, value in mine.items() if value.numel()}
        pairs = [(mine[name], theirs[name]) for name in distinct.values()]
        self._mine = [mine for mine, _ in pairs if mine.is_floating_point()]
        self._theirs = [theirs for _, theirs in pairs if theirs.is_floating_point()]
        self._counters = [pair for pair in pairs if not pair[0].is_floating_point()]
        self._followed = module
