"""Sliding windows of pictures as columns of a matrix, and back: `im2col` and `col2im`.

A convolution is a matrix product with the columns: Chellapilla, Puri and Simard, "High Performance
Convolutional Neural Networks for Document Processing", 2006. As `torch.nn.functional.unfold` and
`fold`; each is the other's gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nntasks.ops._arguments import FLOATS, check_floats, check_tensor
from nntasks.ops._library import define, op
from nntasks.ops._windows import Pair, Window, checked_pair, places, tap


def im2col(
    x: Tensor, kernel_size: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1
) -> Tensor:
    """Return every window of a picture as a column.

    Args:
        x: (N, C, H, W) or (C, H, W), of any dtype. Any strides; dense rows are fastest.
        kernel_size: height and width of the window, one int for both.
        stride: steps from window to window, down and across.
        padding: rows and columns of zeros added on each side.
        dilation: the distance between taps of a window.

    Returns:
        (N, C * kernel height * kernel width, L) or (C * ..., L), dtype of x: L windows, row by row
        from the top left. Differentiable any number of times where x is floating-point.

    Raises:
        TypeError: if x is no tensor, or a number no int.
        ValueError: on a wrong shape, a number out of range, or a window that fits nowhere.
    """
    _check_pictures(x)
    window = Window.checked("im2col", kernel_size, stride, padding, dilation)
    single = x.dim() == 3
    window.check_fits("im2col", x.shape[-2:])
    columns = op("im2col")(x[None] if single else x, *window)
    return columns[0] if single else columns


def col2im(
    columns: Tensor,
    output_size: Pair,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> Tensor:
    """Return the picture in which every pixel is the sum of its values in all columns.

    Sums of float16 and bfloat16 are made in float32, and always in the same order: the result does
    not depend on the number of threads.

    Args:
        columns: (N, C * kernel height * kernel width, L) or without N, as `im2col` gives them;
            float16, bfloat16, float32 or float64.
        output_size: height and width of the picture.
        kernel_size, stride, padding, dilation: as given to `im2col`.

    Returns:
        (N, C, H, W) or (C, H, W), dtype of the columns. Differentiable any number of times.

    Raises:
        TypeError: if columns is no floating-point tensor, or a number no int.
        ValueError: on a wrong shape, a number out of range, or an L that is not the windows'.
    """
    check_floats("col2im", "columns", columns)
    if columns.dim() not in (2, 3):
        raise ValueError(
            "col2im: columns must have shape (N, C * kh * kw, L) or (C * kh * kw, L), got "
            f"{tuple(columns.shape)}"
        )
    size = checked_pair("col2im", "output_size", output_size, 0)
    window = Window.checked("col2im", kernel_size, stride, padding, dilation)
    single = columns.dim() == 2
    batch = columns[None] if single else columns
    _check_columns(batch, size, window)
    pictures = op("col2im")(batch, size, *window)
    return pictures[0] if single else pictures


def _check_pictures(x: Tensor) -> None:
    check_tensor("im2col", "x", x)
    if x.dim() not in (3, 4):
        raise ValueError(
            f"im2col: x must have shape (N, C, H, W) or (C, H, W), got {tuple(x.shape)}"
        )


def _check_columns(columns: Tensor, size: Sequence[int], window: Window) -> int:
    """Return C."""
    down, across = window.check_fits("col2im", size)
    area = window[0][0] * window[0][1]
    if columns.shape[1] % area or columns.shape[2] != down * across:
        raise ValueError(
            f"col2im: columns must have shape (N, C * {area}, {down * across}) for a picture of "
            f"{size[0]} x {size[1]}, got {tuple(columns.shape)}"
        )
    return columns.shape[1] // area


def _raw_window(op_name: str, *numbers: Sequence[int]) -> Window:
    return Window.checked(op_name, *(list(pair) for pair in numbers))


def _check_raw_pictures(x: Tensor, *numbers: Sequence[int]) -> tuple[Window, list[int]]:
    check_tensor("im2col", "x", x)
    if x.dim() != 4:
        raise ValueError(f"im2col: x must have shape (N, C, H, W), got {tuple(x.shape)}")
    window = _raw_window("im2col", *numbers)
    return window, window.check_fits("im2col", x.shape[2:])


def _check_raw_columns(
    columns: Tensor, output_size: Sequence[int], *numbers: Sequence[int]
) -> tuple[Window, list[int], int]:
    check_floats("col2im", "columns", columns)
    if columns.dim() != 3:
        raise ValueError(f"col2im: columns must have shape (N, D, L), got {tuple(columns.shape)}")
    size = checked_pair("col2im", "output_size", list(output_size), 0)
    window = _raw_window("col2im", *numbers)
    return window, size, _check_columns(columns, size, window)


def _im2col_reference(
    x: Tensor, kernel_size: list[int], stride: list[int], padding: list[int], dilation: list[int]
) -> Tensor:
    window, (down, across) = _check_raw_pictures(x, kernel_size, stride, padding, dilation)
    batch, channels, area = x.shape[0], x.shape[1], kernel_size[0] * kernel_size[1]
    columns = x.new_zeros((batch, channels * area, down * across))
    if columns.numel():
        taps = columns.view(batch, channels, area, down, across)
        for number, place in places(window):
            (rows, cells), (ys, xs) = tap(window, x.shape[2:], place)
            taps[:, :, number, rows, cells] = x[:, :, ys, xs]
    return columns


def _col2im_reference(
    columns: Tensor,
    output_size: list[int],
    kernel_size: list[int],
    stride: list[int],
    padding: list[int],
    dilation: list[int],
) -> Tensor:
    window, size, channels = _check_raw_columns(
        columns, output_size, kernel_size, stride, padding, dilation
    )
    down, across = window.counts(size)
    taps = columns if columns.dtype == torch.float64 else columns.float()
    pictures = taps.new_zeros((columns.shape[0], channels, *size))
    if pictures.numel():
        taps = taps.reshape(columns.shape[0], channels, -1, down, across)
        for number, place in places(window):
            (rows, cells), (ys, xs) = tap(window, size, place)
            pictures[:, :, ys, xs] += taps[:, :, number, rows, cells]
    return pictures.to(columns.dtype)


def _im2col_fake(
    x: Tensor, kernel_size: list[int], stride: list[int], padding: list[int], dilation: list[int]
) -> Tensor:
    window, (down, across) = _check_raw_pictures(x, kernel_size, stride, padding, dilation)
    area = window[0][0] * window[0][1]
    return x.new_empty((x.shape[0], x.shape[1] * area, down * across))


def _col2im_fake(
    columns: Tensor,
    output_size: list[int],
    kernel_size: list[int],
    stride: list[int],
    padding: list[int],
    dilation: list[int],
) -> Tensor:
    _, size, channels = _check_raw_columns(
        columns, output_size, kernel_size, stride, padding, dilation
    )
    return columns.new_empty((columns.shape[0], channels, *size))


def _im2col_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    x, *ctx.window = inputs
    ctx.size = list(x.shape[2:])
    if x.dtype not in FLOATS:
        ctx.set_materialize_grads(False)


def _im2col_backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    return op("col2im")(gradient, ctx.size, *ctx.window), None, None, None, None


def _col2im_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    _, _, *ctx.window = inputs


def _col2im_backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    return op("im2col")(gradient, *ctx.window), None, None, None, None, None


def _vmap(name: str, info: Any, in_dims: tuple[Any, ...], value: Tensor, *rest: Any) -> Any:
    """Fold the mapped dimension into the batch."""
    mapped = value.movedim(in_dims[0], 0)
    result = op(name)(mapped.flatten(0, 1), *rest)
    return result.unflatten(0, mapped.shape[:2]), 0


_WINDOW = "SymInt[] kernel_size, SymInt[] stride, SymInt[] padding, SymInt[] dilation"

define(
    f"im2col(Tensor x, {_WINDOW}) -> Tensor",
    _im2col_reference,
    _im2col_fake,
    setup_context=_im2col_context,
    backward=_im2col_backward,
    vmap=_vmap,
)
define(
    f"col2im(Tensor columns, SymInt[] output_size, {_WINDOW}) -> Tensor",
    _col2im_reference,
    _col2im_fake,
    setup_context=_col2im_context,
    backward=_col2im_backward,
    vmap=_vmap,
)
