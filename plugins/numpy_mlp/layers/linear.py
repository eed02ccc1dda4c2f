"""The linear layer, and the flattening layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.initialisation import initial
from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer, as_floats


class Linear(Layer):
    """y = x W + b.

    Args:
        weight: (I, O), the initial weight, which is trained in place if it holds floats.
        bias: (O,), the initial bias; zeros by default.
        feedback: (O, I) for feedback alignment: the gradient goes back through this fixed matrix in
            place of W transposed (Lillicrap et al., Nature Communications 7, 2016); None for
            backpropagation.
    """

    decaying = ("weight",)

    def __init__(
        self, weight: ArrayLike, bias: ArrayLike | None = None, *, feedback: Array | None = None
    ) -> None:
        super().__init__()
        weight = as_floats("Linear: weight", weight, 2)
        outputs = weight.shape[1]
        start = as_floats("Linear: bias", np.zeros(outputs) if bias is None else bias, 1)
        if start.shape != (outputs,):
            raise UsageError(f"Linear: expected a bias ({outputs},), got {start.shape}")
        self.parameters = {"weight": weight, "bias": start.astype(weight.dtype)}
        self.gradients["weight"] = np.zeros_like(weight)
        if feedback is not None:
            self.buffers["feedback"] = feedback

    @classmethod
    def drawn(
        cls,
        inputs: int,
        outputs: int,
        rng: np.random.Generator,
        init: str = "he",
        dtype: DTypeLike = np.float64,
    ) -> Linear:
        """Return a layer with a random weight; see `initialisation.initial`."""
        return cls(initial(init, (inputs, outputs), inputs, outputs, rng, np.dtype(dtype)))

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        weight = self.parameters["weight"]
        if x.ndim != 2 or x.shape[1] != len(weight):
            raise UsageError(f"Linear: expected an input (N, {len(weight)}), got {x.shape}")
        self._x = x  # (N, I)
        return x @ weight + self.parameters["bias"]  # (N, O)

    def backward(self, gradient: Array) -> Array:
        # (I, N) (N, O) -> (I, O), in memory that is reused
        np.matmul(self._x.T, gradient, out=self.gradients["weight"])
        self.gradients["bias"] = gradient.sum(axis=0)  # (O,)
        back = self.buffers.get("feedback")
        return gradient @ (self.parameters["weight"].T if back is None else back)  # (N, I)


class Flatten(Layer):
    """(N, C, H, W) -> (N, C H W)."""

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        self._shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, gradient: Array) -> Array:
        return gradient.reshape(self._shape)
