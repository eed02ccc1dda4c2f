"""Dropout (Srivastava et al., JMLR 15, 2014)."""

from __future__ import annotations

from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer


class Dropout(Layer):
    """In training, sets entries to 0 at random and scales the others to keep the mean.

    Args:
        rate: probability of 0, in [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        self._mask: Array | None = None
        if not context.training or self.rate == 0:
            return x
        kept = context.rng.random(x.shape, dtype="float32") >= self.rate
        self._mask = kept.astype(x.dtype) / x.dtype.type(1 - self.rate)
        return x * self._mask

    def backward(self, gradient: Array) -> Array:
        return gradient if self._mask is None else gradient * self._mask
