"""Dropout that draws from a generator of its own, so that threads need not share torch's.

Torch has one CPU generator in a process. Modules that run in parallel and draw from it get numbers
that depend on the order in which their threads run.

Dropout: N. Srivastava et al., JMLR 15 (2014). Of whole channels: J. Tompson et al., CVPR 2015.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

_BY_VALUE = (nn.Dropout,)
_BY_CHANNEL = (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


class DropoutGenerator:
    """A random generator for the dropout layers of a module.

    It serves `nn.Dropout` and `nn.Dropout1d` to `3d`. Classes derived from them, and functions such
    as `F.dropout`, draw from torch's own generator as before.

    Args:
        module: the module whose layers draw from this generator while it is installed.
    """

    def __init__(self, module: nn.Module) -> None:
        self._layers = [
            layer
            for layer in module.modules()
            if isinstance(layer, _DropoutNd) and type(layer) in (*_BY_VALUE, *_BY_CHANNEL)
        ]
        self._generators: dict[torch.device, torch.Generator] = {}
        self._seed = 0

    def seed(self, seed: int) -> None:
        """Start again with a seed, of at most 63 bits."""
        self._seed = seed
        for generator in self._generators.values():
            generator.manual_seed(seed)

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Replace the forward pass of the dropout layers while the block runs."""
        for layer in self._layers:
            layer.forward = partial(self._forward, layer)
        try:
            yield
        finally:
            for layer in self._layers:
                del layer.forward

    def _forward(self, layer: _DropoutNd, inputs: Tensor) -> Tensor:
        if not layer.training or layer.p == 0:
            return inputs
        if layer.p == 1:
            return inputs * 0
        shape = inputs.shape
        if type(layer) in _BY_CHANNEL:
            shape = torch.Size([*shape[:2], *[1] * (len(shape) - 2)])
        kept = torch.empty(shape, dtype=inputs.dtype, device=inputs.device)
        kept.bernoulli_(1 - layer.p, generator=self._generator(inputs.device))
        return inputs * kept.div_(1 - layer.p)

    def _generator(self, device: torch.device) -> torch.Generator:
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]
