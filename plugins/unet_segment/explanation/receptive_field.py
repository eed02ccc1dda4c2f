"""The theoretical receptive field: the pixels that a logit can depend on, by the layers alone.

Each layer turns a span of output positions into the span of input positions that they read (Araujo,
Norris and Sim, "Computing receptive fields of convolutional neural networks", Distill 2019). Where
paths join, as in a residual block or at a skip connection, the span covers all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import nn

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.network import ConvolutionBlock, UNet


class Span(NamedTuple):
    """Positions along one axis, both ends included; they may lie outside of the map."""

    first: float
    last: float

    @property
    def length(self) -> float:
        """The number of positions."""
        return self.last - self.first + 1

    def within(self, size: int) -> tuple[int, int]:
        """Return the part inside of a map of `size` positions, as (first, last)."""
        return int(max(self.first, 0)), int(min(self.last, size - 1))


WHOLE = Span(-math.inf, math.inf)

# Layers that compute each position from the same position alone.
_POINTWISE = (
    nn.BatchNorm2d,  # with stored statistics, as in a prediction
    nn.Dropout2d,
    nn.Hardsigmoid,
    nn.Hardswish,
    nn.Identity,
    nn.ReLU,
)
_GLOBAL = (nn.AdaptiveAvgPool2d, nn.GroupNorm)  # layers that compute each position from all


@dataclass(frozen=True)
class LevelField:
    """What a logit reads through one map of the encoder, along one axis.

    Attributes:
        cells: positions of the map that the decoder reads.
        pixels: pixels of the network's input that these cells read.
    """

    cells: Span
    pixels: Span


def fields(network: UNet, position: int, axis: int) -> list[LevelField]:
    """Return the receptive field of a logit through each map of the encoder, largest map first.

    Args:
        network: the network; only its layers count, not its weights.
        position: row or column of the logit.
        axis: 0 for rows, 1 for columns.

    Raises:
        UsageError: the network has a layer whose receptive field is unknown.
    """
    found: list[LevelField] = []
    stages = network.down.stages()
    for level, cells in enumerate(_read_by_decoder(network, Span(position, position), axis)):
        pixels = cells
        for stage in reversed(stages[: level + 1]):
            pixels = _through(stage, pixels, axis)
        found.append(LevelField(cells, pixels))
    return found


def union(spans: Iterable[Span]) -> Span:
    """Return the shortest span that covers all."""
    all_spans = list(spans)
    return Span(min(s.first for s in all_spans), max(s.last for s in all_spans))


def _read_by_decoder(network: UNet, span: Span, axis: int) -> list[Span]:
    """Return the span of each encoder map that the decoder reads for a span of logits."""
    skipped = len(network.down.channels) - 1  # skip connections; the highest steps have none
    found: list[Span] = []
    steps: list[Any] = list(network.ups)
    for number, step in reversed(list(enumerate(steps))):
        joined = read_by(step.level, span, axis)  # attention gates are 1 x 1
        if number < skipped:
            found.append(joined)
        span = read_by(step.grow, joined, axis)
    return [*found, span]


def read_by(layer: nn.Module, span: Span, axis: int) -> Span:
    """Return the input positions that a layer reads for a span of its output."""
    if span == WHOLE or isinstance(layer, _GLOBAL):
        return WHOLE
    if isinstance(layer, _POINTWISE):
        return span
    for kind, read in _WINDOWS.items():
        if isinstance(layer, kind):
            return read(layer, span, axis)
    return union(_through(path, span, axis) for path in _paths(layer))


def _through(layers: Sequence[nn.Module], span: Span, axis: int) -> Span:
    for layer in reversed(layers):
        span = read_by(layer, span, axis)
    return span


def _window(layer: Any, span: Span, axis: int) -> Span:
    size, stride, padding, dilation = (
        _of_axis(value, axis)
        for value in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    )
    first = span.first * stride - padding
    return Span(first, span.last * stride - padding + dilation * (size - 1))


def _transposed_window(layer: Any, span: Span, axis: int) -> Span:
    # Input i is added to the outputs i * stride - padding + dilation * k for k < size.
    size, stride, padding, dilation = (
        _of_axis(value, axis)
        for value in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    )
    first = math.ceil((span.first + padding - dilation * (size - 1)) / stride)
    return Span(first, math.floor((span.last + padding) / stride))


def _bilinear(layer: Any, span: Span, axis: int) -> Span:
    # Output j lies at (j + 1/2) / scale - 1/2 of the input, between two of its positions.
    first, last = (math.floor((j + 0.5) / layer.scale_factor - 0.5) for j in span)
    return Span(first, last + 1)


_WINDOWS: dict[Any, Callable[[Any, Span, int], Span]] = {
    nn.Conv2d: _window,
    nn.MaxPool2d: _window,
    nn.ConvTranspose2d: _transposed_window,
    nn.Upsample: _bilinear,
}


def _of_axis(value: Any, axis: int) -> int:
    return int(value[axis] if isinstance(value, tuple) else value)


def _paths(layer: Any) -> list[list[nn.Module]]:
    """Return the parallel paths of a composed layer, each as layers in order.

    Torchvision is optional, so its classes are known by their names.
    """
    if isinstance(layer, nn.Sequential):
        return [list(layer)]
    if isinstance(layer, ConvolutionBlock):
        return [[layer.body], [] if layer.around is None else [layer.around]]
    kind = type(layer).__name__
    if kind == "BasicBlock":
        around = [] if layer.downsample is None else [layer.downsample]
        return [[layer.conv1, layer.conv2], around]
    if kind == "InvertedResidual":
        return [[layer.block]]
    if kind == "SqueezeExcitation":
        return [[layer.avgpool, layer.fc1, layer.fc2], []]
    raise UsageError(f"explain: expected a network of known layers, got the layer {kind}")
