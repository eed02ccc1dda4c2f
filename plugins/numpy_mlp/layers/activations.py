"""Element-wise activations: x and y have the same shape."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer


class Relu(Layer):
    """y = max(x, 0)."""

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        self._on = x > 0
        return x * self._on

    def backward(self, gradient: Array) -> Array:
        return gradient * self._on


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)); y' = y (1 - y) is at most 1/4, so deep stacks lose their gradient."""

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        # tanh saturates where exp would overflow
        self._y = (0.5 * (1 + np.tanh(0.5 * x))).astype(x.dtype, copy=False)
        return self._y

    def backward(self, gradient: Array) -> Array:
        return gradient * self._y * (1 - self._y)


class Tanh(Layer):
    """y = tanh(x); y' = 1 - y^2."""

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        self._y = np.tanh(x)
        return self._y

    def backward(self, gradient: Array) -> Array:
        return gradient * (1 - self._y * self._y)


ACTIVATIONS = {"relu": Relu, "sigmoid": Sigmoid, "tanh": Tanh}
