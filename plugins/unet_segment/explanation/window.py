"""The parts of a picture and of its maps that one logit depends on.

A logit is the same whether it is computed from the whole picture or from its receptive field alone,
as long as the parts begin and end where the encoder's grids do. So a pixel of a large picture is
explained as fast as one of a small picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from nntasks.plugins.unet_segment.explanation.receptive_field import (
    LevelField,
    Span,
    fields,
    union,
)
from nntasks.plugins.unet_segment.network import UNet


@dataclass(frozen=True)
class AxisWindow:
    """A window along one axis, in pixels of the padded picture.

    Attributes:
        position: of the logit.
        levels: the receptive field through each map of the encoder.
        start, end: the pixels that the network reads, multiples of the encoder's stride.
        decoded_start, decoded_end: the same for the decoder.
    """

    position: int
    levels: Sequence[LevelField]
    start: int
    end: int
    decoded_start: int
    decoded_end: int

    @property
    def field(self) -> Span:
        """The receptive field through all levels; it may lie outside of the picture."""
        return union(level.pixels for level in self.levels)

    @classmethod
    def of(cls, network: UNet, position: int, size: int, axis: int) -> AxisWindow:
        """Compute the window of a logit in a picture of `size` pixels along an axis."""
        stride = network.down.stride
        padded = size + -size % stride
        levels = fields(network, position, axis)
        lowest = levels[-1].cells.within(padded // stride)
        decoded_start, decoded_end = lowest[0] * stride, (lowest[1] + 1) * stride
        first, last = union(level.pixels for level in levels).within(padded)
        start = min(first // stride * stride, decoded_start)
        end = max((last // stride + 1) * stride, decoded_end)
        return cls(position, levels, start, end, decoded_start, decoded_end)


@dataclass(frozen=True)
class Window:
    """The window of a logit; see `AxisWindow`.

    Attributes:
        rows, columns: along both axes.
    """

    rows: AxisWindow
    columns: AxisWindow

    @classmethod
    def of(cls, network: UNet, pixel: tuple[int, int], height: int, width: int) -> Window:
        """Compute the window of the pixel (x, y) in a picture of `height` by `width` pixels."""
        x, y = pixel
        return cls(AxisWindow.of(network, y, height, 0), AxisWindow.of(network, x, width, 1))

    @property
    def read_pixels(self) -> int:
        """The number of pixels that the network reads."""
        return (self.rows.end - self.rows.start) * (self.columns.end - self.columns.start)

    @property
    def decoded_pixels(self) -> int:
        """The number of pixels that the decoder reads."""
        height = self.rows.decoded_end - self.rows.decoded_start
        return height * (self.columns.decoded_end - self.columns.decoded_start)

    def part(self, padded: Tensor) -> Tensor:
        """Cut from pictures (B, C, H, W) what the network reads."""
        return padded[..., self.rows.start : self.rows.end, self.columns.start : self.columns.end]

    def read_maps(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Cut from the maps of `part` what the decoder reads."""
        height = self.rows.end - self.rows.start
        return [
            found[..., _cells(self.rows, scale), _cells(self.columns, scale)]
            for found in maps
            for scale in (height // found.shape[2],)
        ]

    def logit(self, network: UNet, maps: Sequence[Tensor]) -> Tensor:
        """Return the logits (B,) of the pixel, from the maps that the decoder reads."""
        y = self.rows.position - self.rows.decoded_start
        x = self.columns.position - self.columns.decoded_start
        return network.decode(maps)[:, y, x]


def _cells(axis: AxisWindow, scale: int) -> slice:
    """Return the decoder's window in a map of the part, `scale` times smaller than it."""
    start, end = axis.decoded_start - axis.start, axis.decoded_end - axis.start
    return slice(start // scale, end // scale)
