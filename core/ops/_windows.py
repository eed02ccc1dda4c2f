"""The geometry of `im2col` and `col2im`: the windows, and the positions of their taps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, SupportsIndex

from nntasks.ops._arguments import checked_int

Pair = SupportsIndex | Sequence[SupportsIndex]
_Slices = tuple[slice, slice]
_MOST = 2**31 - 1


class Window(tuple[list[int], list[int], list[int], list[int]]):
    """(kernel_size, stride, padding, dilation), two numbers each, down and across."""

    @staticmethod
    def checked(op_name: str, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Window:
        return Window(
            (
                checked_pair(op_name, "kernel_size", kernel, 1),
                checked_pair(op_name, "stride", stride, 1),
                checked_pair(op_name, "padding", padding, 0),
                checked_pair(op_name, "dilation", dilation, 1),
            )
        )

    def counts(self, size: Sequence[int]) -> list[int]:
        """Return the number of windows down and across; less than 1 if none fits."""
        return [
            (side + 2 * pad - step * (extent - 1) - 1) // stride + 1
            for side, extent, stride, pad, step in zip(size, *self, strict=True)
        ]

    def check_fits(self, op_name: str, size: Sequence[int]) -> list[int]:
        """Return `counts`, or raise ValueError if no window fits."""
        down, across = self.counts(size)
        if down < 1 or across < 1:
            kernel, _, padding, dilation = self
            raise ValueError(
                f"{op_name}: no window of {kernel[0]} x {kernel[1]} with dilation {dilation[0]}, "
                f"{dilation[1]} fits a picture of {size[0]} x {size[1]} with padding "
                f"{padding[0]}, {padding[1]}"
            )
        return [down, across]


def checked_pair(op_name: str, name: str, value: Pair, least: int) -> list[int]:
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{op_name}: {name} must be one int or two, got {len(value)}")
        both: Sequence[Any] = value
    else:
        both = (value, value)
    return [checked_int(op_name, name, one, least, _MOST) for one in both]


def tap(window: Window, size: Sequence[int], place: tuple[int, int]) -> tuple[_Slices, _Slices]:
    """Return for one tap the windows in which it is inside the picture, and its pixels there.

    Both are slices down and across.
    """
    windows, pixels = [], []
    for side, at, count, (_, stride, padding, dilation) in zip(
        size, place, window.counts(size), zip(*window, strict=True), strict=True
    ):
        start = at * dilation - padding  # the pixel of the first window
        first = max(0, -(start // stride))
        end = max(first, min(count, (side - 1 - start) // stride + 1))
        windows.append(slice(first, end))
        pixels.append(slice(start + first * stride, start + (end - 1) * stride + 1, stride))
        if first == end:
            pixels[-1] = slice(0, 0)
    return (windows[0], windows[1]), (pixels[0], pixels[1])


def places(window: Window) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the taps of the window, numbered in row-major order."""
    height, width = window[0]
    for number in range(height * width):
        yield number, divmod(number, width)
