"""The outputs of a network's layers for a picture."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor, nn

# These layers have no weights, so their outputs are no features of their own.
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
def watch_layers(network: nn.Module, watch: Watcher) -> Iterator[None]:
    """Call `watch` with name, layer and output of each leaf layer, in order of execution.

    A tensor that `watch` returns replaces the output.
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


def is_feature_map(layer: nn.Module, output: Tensor) -> bool:
    """Return whether a layer's output is a feature map (B, C, H, W)."""
    return output.ndim == 4 and not isinstance(layer, _NO_FINDERS)


def gives_tokens(layer: nn.Module, output: Tensor) -> bool:
    """Return whether a layer with weights gives tokens: (B, N, D), or (B, H, W, D)."""
    if output.ndim == 3:
        return any(True for _ in layer.parameters(recurse=False))
    # LayerNorm2d of torchvision, a subclass, gives (B, D, H, W).
    return output.ndim == 4 and type(layer) in (nn.Linear, nn.LayerNorm)
