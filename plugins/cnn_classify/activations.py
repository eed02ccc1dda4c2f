"""What comes out of a network's layers on the way of a picture."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor, nn

# These pass on what they are given, or less of it: nothing is found in them.
_NO_FINDERS = (
    nn.Dropout,
    nn.Identity,
    nn.Flatten,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
)

Watcher = Callable[[str, nn.Module, Tensor], Tensor | None]


@contextlib.contextmanager
def watched(network: nn.Module, watch: Watcher) -> Iterator[None]:
    """Call `watch` with name, layer and output of each layer that has none inside, in their order.

    A tensor that `watch` returns takes the place of the output.
    """

    def hook(name: str) -> Callable[[nn.Module, Any, Tensor], Tensor | None]:
        return lambda layer, inputs, output: watch(name, layer, output)

    leaves = [(name, part) for name, part in network.named_modules() if not list(part.children())]
    handles = [part.register_forward_hook(hook(name)) for name, part in leaves]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def finds(layer: nn.Module, output: Tensor) -> bool:
    """Say whether a layer's output is a map of what it found where: (B, C, H, W)."""
    return output.ndim == 4 and not isinstance(layer, _NO_FINDERS)
