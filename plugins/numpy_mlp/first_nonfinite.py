"""Find the layer and the array that first hold a value that is not finite."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.network import Network
from nntasks.training.black_box import Cause


def norm(arrays: Iterable[Array]) -> float:
    """Return the Euclidean norm of all values of some arrays."""
    with np.errstate(over="ignore"):
        return math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))


def first_nonfinite(
    network: Network, inputs: Array, context: Context, labels: Array
) -> Cause | None:
    """Run a step again, layer by layer, and return the first value that is not finite.

    Args:
        network: with finite parameters.
        inputs: the network's input, standardised.
        context: the state of the forward pass.
        labels: (N,) integers.
    """
    if not np.isfinite(inputs).all():
        return Cause("the network", "the input", "", _described(inputs, inputs))
    with np.errstate(all="ignore"):
        x = inputs
        for name, layer in network.layers:
            before, x = x, layer.forward(x, context)
            if not np.isfinite(x).all():
                return Cause(_named(name, layer), "the output", "forward", _described(x, before))
        loss, gradient = cross_entropy(x, labels)
        if not math.isfinite(loss):
            return Cause("the loss", "a value", "cross-entropy", _described(gradient, x))
        for name, layer in reversed(network.layers):
            before, gradient = gradient, layer.backward(gradient)
            arrays = {**layer.gradients, "input": gradient}
            for what, array in arrays.items():
                if not np.isfinite(array).all():
                    tensor = f"the gradient by {what}"
                    return Cause(_named(name, layer), tensor, "backward", _described(array, before))
            if not math.isfinite(norm(layer.gradients.values())):
                detail = _described(gradient, before)
                return Cause(_named(name, layer), "the gradient's norm", "sum of squares", detail)
    return None


def _named(name: str, layer: object) -> str:
    return f"{name} ({type(layer).__name__})"


def _described(array: Array, before: Array) -> str:
    nan, infinite = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    largest = float(np.abs(before).max(initial=0))
    return (
        f"shape {array.shape}, {nan} NaN, {infinite} infinite of {array.size}, "
        f"largest input {largest:.4g}"
    )
