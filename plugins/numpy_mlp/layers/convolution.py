"""Convolution and max pooling by im2col."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.initialisation import initial
from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer, as_floats


def im2col(x: Array, size: int, stride: int, padding: int) -> tuple[Array, tuple[int, int]]:
    """Return the windows of pictures (N, C, H, W) as columns (N, C size size, L), and L's shape.

    Like `nntasks.ops.im2col`. The windows are a strided view; only the last line copies.
    """
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    batch, channels, down, across = windows.shape[:4]
    columns = windows.transpose(0, 1, 4, 5, 2, 3)  # (N, C, size, size, down, across)
    return columns.reshape(batch, channels * size * size, down * across), (down, across)


def col2im(columns: Array, shape: tuple[int, ...], size: int, stride: int, padding: int) -> Array:
    """Sum columns back into pictures of a shape (N, C, H, W): the gradient of `im2col`."""
    batch, channels, height, width = shape
    down = (height + 2 * padding - size) // stride + 1
    across = (width + 2 * padding - size) // stride + 1
    taps = columns.reshape(batch, channels, size, size, down, across)
    padded = np.zeros((batch, channels, height + 2 * padding, width + 2 * padding), columns.dtype)
    for row in range(size):
        for column in range(size):
            rows = slice(row, row + stride * down, stride)
            cells = slice(column, column + stride * across, stride)
            padded[:, :, rows, cells] += taps[:, :, row, column]
    return padded[:, :, padding : padding + height, padding : padding + width]


class Convolution(Layer):
    """Convolution as one matrix product of filters and windows.

    Args:
        weight: (O, C, K, K), the initial weight, which is trained in place if it holds floats.
        stride, padding: in pixels.
    """

    decaying = ("weight",)

    def __init__(self, weight: ArrayLike, stride: int = 1, padding: int = 0) -> None:
        super().__init__()
        weight = as_floats("Convolution: weight", weight, 4)
        self.parameters = {"weight": weight, "bias": np.zeros(len(weight), weight.dtype)}
        self.size, self.stride, self.padding = weight.shape[-1], stride, padding

    @classmethod
    def drawn(
        cls,
        inputs: int,
        outputs: int,
        size: int,
        rng: np.random.Generator,
        init: str = "he",
        dtype: DTypeLike = np.float64,
        padding: int = 0,
    ) -> Convolution:
        """Return a layer of stride 1 with a random weight; see `initialisation.initial`."""
        shape, area = (outputs, inputs, size, size), size * size
        weight = initial(init, shape, inputs * area, outputs * area, rng, np.dtype(dtype))
        return cls(weight, padding=padding)

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        channels = self.parameters["weight"].shape[1]
        if x.ndim != 4 or x.shape[1] != channels:
            raise UsageError(f"Convolution: expected pictures (N, {channels}, H, W), got {x.shape}")
        self._shape = x.shape  # (N, C, H, W)
        self._columns, place = im2col(x, self.size, self.stride, self.padding)  # (N, C K K, L)
        filters = self.parameters["weight"].reshape(len(self.parameters["weight"]), -1)
        y = filters @ self._columns + self.parameters["bias"][:, None]  # (N, O, L)
        return y.reshape(len(x), -1, *place)

    def backward(self, gradient: Array) -> Array:
        flat = gradient.reshape(*gradient.shape[:2], -1)  # (N, O, L)
        weight = self.parameters["weight"]
        of_filters = np.einsum("nol,ndl->od", flat, self._columns, optimize=True)
        self.gradients["weight"] = of_filters.reshape(weight.shape)
        self.gradients["bias"] = flat.sum(axis=(0, 2))
        of_columns = weight.reshape(len(weight), -1).T @ flat  # (N, C K K, L)
        return col2im(of_columns, self._shape, self.size, self.stride, self.padding)


class MaxPooling(Layer):
    """The maximum of every window. Of equal maxima, the first gets the gradient.

    Args:
        size: side of the window, and its stride.
    """

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        batch, channels = x.shape[:2]
        self._shape = x.shape
        apart = x.reshape(batch * channels, 1, *x.shape[2:])
        columns, place = im2col(apart, self.size, self.size, 0)  # (N C, size size, L)
        self._which = columns.argmax(axis=1)[:, None]  # (N C, 1, L)
        largest = np.take_along_axis(columns, self._which, axis=1)
        return largest.reshape(batch, channels, *place)

    def backward(self, gradient: Array) -> Array:
        batch, channels, height, width = self._shape
        flat = gradient.reshape(batch * channels, 1, -1)
        columns = np.zeros((batch * channels, self.size**2, flat.shape[2]), gradient.dtype)
        np.put_along_axis(columns, self._which, flat, axis=1)
        apart = (batch * channels, 1, height, width)
        return col2im(columns, apart, self.size, self.size, 0).reshape(self._shape)
