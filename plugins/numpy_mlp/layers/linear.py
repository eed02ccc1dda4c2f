"""The linear layer, and the flattening layer."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array, Context, Layer


class Linear(Layer):
    """y = x W + b.

    Args:
        weight: (I, O), the initial weight.
        feedback: (O, I) for feedback alignment: the gradient goes back through this fixed matrix in
            place of W transposed (Lillicrap et al., Nature Communications 7, 2016); None for
            backpropagation.
    """

    decaying = ("weight",)

    def __init__(self, weight: Array, feedback: Array | None = None) -> None:
        super().__init__()
        self.parameters = {"weight": weight, "bias": np.zeros(weight.shape[1], weight.dtype)}
        self.gradients["weight"] = np.zeros_like(weight)
        if feedback is not None:
            self.buffers["feedback"] = feedback

    def forward(self, x: Array, context: Context) -> Array:
        self._x = x  # (N, I)
        return x @ self.parameters["weight"] + self.parameters["bias"]  # (N, O)

    def backward(self, gradient: Array) -> Array:
        # (I, N) (N, O) -> (I, O), in memory that is reused
        np.matmul(self._x.T, gradient, out=self.gradients["weight"])
        self.gradients["bias"] = gradient.sum(axis=0)  # (O,)
        back = self.buffers.get("feedback")
        return gradient @ (self.parameters["weight"].T if back is None else back)  # (N, I)


class Flatten(Layer):
    """(N, C, H, W) -> (N, C H W)."""

    def forward(self, x: Array, context: Context) -> Array:
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, gradient: Array) -> Array:
        return gradient.reshape(self._shape)
