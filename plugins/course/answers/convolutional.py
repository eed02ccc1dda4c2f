"""Assignment 2: the layers of convolutional networks, and two regularisers."""

from __future__ import annotations

import numpy as np


class Convolution:
    """The convolution of pictures x (N, C, H, W) with filters: weight (O, C, K, K), bias (O,).

    As in deep learning, the filter is not flipped. `padding` pixels of 0 surround the picture.
    `backward` sets `weight_gradient` and `bias_gradient`.
    """

    def __init__(
        self, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
    ) -> None:
        """Keep the parameters."""
        self.weight, self.bias = weight, bias
        self.stride, self.padding = stride, padding

    def _taps(self, padded: np.ndarray, height: int, width: int) -> list[tuple]:
        """Return row and column of every tap of the filter, and the view of all pixels under it."""
        taps = []
        for row in range(self.weight.shape[2]):
            for column in range(self.weight.shape[3]):
                rows = slice(row, row + self.stride * height, self.stride)
                columns = slice(column, column + self.stride * width, self.stride)
                taps.append((row, column, padded[:, :, rows, columns]))
        return taps

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y (N, O, H', W'), H' = (H + 2 padding - K) // stride + 1."""
        edge, size = self.padding, self.weight.shape[2]
        self.padded = np.pad(x, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
        height = (x.shape[2] + 2 * edge - size) // self.stride + 1
        width = (x.shape[3] + 2 * edge - size) // self.stride + 1
        y = np.zeros((len(x), len(self.weight), height, width))
        for row, column, pixels in self._taps(self.padded, height, width):
            y += np.einsum("nchw,oc->nohw", pixels, self.weight[:, :, row, column])
        return y + self.bias[:, None, None]

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, set those of the parameters, return that by x."""
        self.weight_gradient = np.zeros_like(self.weight)
        self.bias_gradient = gradient.sum(axis=(0, 2, 3))
        of_padded = np.zeros_like(self.padded)
        height, width = gradient.shape[2:]
        # The slices are views: adding to one adds to the picture, where windows overlap, too.
        for row, column, pixels in self._taps(self.padded, height, width):
            self.weight_gradient[:, :, row, column] = np.einsum("nchw,nohw->oc", pixels, gradient)
        for row, column, pixels in self._taps(of_padded, height, width):
            pixels += np.einsum("nohw,oc->nchw", gradient, self.weight[:, :, row, column])
        edge = self.padding
        return of_padded[:, :, edge:-edge, edge:-edge] if edge else of_padded


class MaxPooling:
    """The maximum of each window of size x size pixels; windows do not overlap.

    Sides of the picture are multiples of `size`. Of equal maxima the first, row by row, gets the
    gradient.
    """

    def __init__(self, size: int = 2) -> None:
        """Keep the size."""
        self.size = size

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return (N, C, H / size, W / size) for x (N, C, H, W)."""
        batch, channels, height, width = x.shape
        size = self.size
        self.shape = (batch, channels, height // size, size, width // size, size)
        windows = x.reshape(self.shape).transpose(0, 1, 2, 4, 3, 5)
        windows = windows.reshape(*windows.shape[:4], size * size)
        self.which = windows.argmax(axis=4)  # the first of equal ones
        return windows.max(axis=4)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, return that by x."""
        size = self.size
        windows = np.zeros((*gradient.shape, size * size))
        np.put_along_axis(windows, self.which[..., None], gradient[..., None], axis=4)
        apart = windows.reshape(*gradient.shape, size, size).transpose(0, 1, 2, 4, 3, 5)
        return apart.reshape(*gradient.shape[:2], gradient.shape[2] * size, -1)


class BatchNorm:
    """Batch normalisation of features (N, D): y = scale (x - mean) / sqrt(variance + 1e-5) + shift.

    Training uses mean and variance (divided by N) of the batch, and moves `running_mean` and
    `running_variance` (from 0 and 1) a tenth of the way towards the batch's mean and variance
    (here divided by N - 1). Evaluation uses the running ones.
    `backward`, after a forward pass in training, sets `scale_gradient` and `shift_gradient`.
    """

    def __init__(self, scale: np.ndarray, shift: np.ndarray) -> None:
        """Keep the parameters, (D,) each."""
        self.scale, self.shift = scale, shift
        self.running_mean, self.running_variance = np.zeros_like(scale), np.ones_like(scale)

    def forward(self, x: np.ndarray, training: bool) -> np.ndarray:
        """Return y (N, D)."""
        mean, variance = self.running_mean, self.running_variance
        if training:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            unbiased = variance * len(x) / (len(x) - 1)
            self.running_mean = 0.9 * self.running_mean + 0.1 * mean
            self.running_variance = 0.9 * self.running_variance + 0.1 * unbiased
        self.deviation = np.sqrt(variance + 1e-5)
        self.normal = (x - mean) / self.deviation
        return self.scale * self.normal + self.shift

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, set those of the parameters, return that by x."""
        self.scale_gradient = (gradient * self.normal).sum(axis=0)
        self.shift_gradient = gradient.sum(axis=0)
        inner = gradient * self.scale
        # Mean and variance depend on x, too: what points along them has no effect on y.
        inner = inner - inner.mean(axis=0) - self.normal * (inner * self.normal).mean(axis=0)
        return inner / self.deviation


class Dropout:
    """Dropout: in training, entries become 0 with probability `rate`, and the others grow.

    They grow by 1 / (1 - rate), so that the mean stays. In evaluation y = x.
    """

    def __init__(self, rate: float) -> None:
        """Keep the rate, in [0, 1)."""
        self.rate = rate

    def forward(self, x: np.ndarray, training: bool, rng: np.random.Generator) -> np.ndarray:
        """Return y in the shape of x; `rng` draws which entries stay."""
        self.mask = np.ones(x.shape)
        if training:
            self.mask = (rng.random(x.shape) >= self.rate) / (1 - self.rate)
        return x * self.mask

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """Take the gradient by y, return that by x."""
        return gradient * self.mask
