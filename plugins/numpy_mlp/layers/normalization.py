"""Batch normalisation (Ioffe and Szegedy, ICML 2015)."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer

EPSILON = 1e-5
MOMENTUM = 0.1  # weight of a batch in the running statistics


class BatchNorm(Layer):
    """y = scale (x - mean) / sqrt(variance + epsilon) + shift, for each feature or channel.

    Training uses the batch's statistics and updates running ones; evaluation uses the running ones.
    For (N, D) the statistics are over N; for (N, C, H, W) over N, H and W.

    Args:
        features: D or C.
        dtype: of the parameters.
    """

    def __init__(self, features: int, dtype: DTypeLike = np.float64) -> None:
        super().__init__()
        self.parameters = {"scale": np.ones(features, dtype), "shift": np.zeros(features, dtype)}
        self.buffers = {"mean": np.zeros(features, dtype), "variance": np.ones(features, dtype)}

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        self._over = (0,) if x.ndim == 2 else (0, 2, 3)
        self._training = context.training
        if context.training:
            mean, variance = x.mean(axis=self._over), x.var(axis=self._over)
            self._keep(mean, variance, x.size // len(mean))
        else:
            mean, variance = self.buffers["mean"], self.buffers["variance"]
        self._inverse = 1 / np.sqrt(variance + x.dtype.type(EPSILON))
        self._normal = (x - self._wide(mean, x)) * self._wide(self._inverse, x)
        scale, shift = (self._wide(self.parameters[name], x) for name in ("scale", "shift"))
        return scale * self._normal + shift

    def _keep(self, mean: Array, variance: Array, count: int) -> None:
        unbiased = variance * (count / max(count - 1, 1))
        for name, value in (("mean", mean), ("variance", unbiased)):
            old = self.buffers[name]
            self.buffers[name] = (old + MOMENTUM * (value - old)).astype(old.dtype)

    def backward(self, gradient: Array) -> Array:
        over, normal = self._over, self._normal
        self.gradients["scale"] = (gradient * normal).sum(axis=over)
        self.gradients["shift"] = gradient.sum(axis=over)
        # gradient by the normalised input, then through the mean and variance of the batch
        inner = gradient * self._wide(self.parameters["scale"], gradient)
        if self._training:
            mean = inner.mean(axis=over)
            along = (inner * normal).mean(axis=over)
            inner = inner - self._wide(mean, inner) - normal * self._wide(along, inner)
        return inner * self._wide(self._inverse, inner)

    @staticmethod
    def _wide(values: Array, like: Array) -> Array:
        """(C,) -> (1, C) or (1, C, 1, 1)."""
        return values.reshape(1, -1, *(1,) * (like.ndim - 2))
