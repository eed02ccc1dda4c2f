"""Gradient checks: the handwritten backward pass against central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nntasks.interfaces import GradientCheck
from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.network import Network

STEPS = (1e-5, 1e-6, 1e-7)
TOLERANCE = 1e-6
MOST_NUMBERS = 60  # entries checked per array


def check_network(
    network: Network, x: Array, labels: Array, seed: int = 0
) -> Iterator[GradientCheck]:
    """Yield one check per parameter of a network, and one for its input.

    Args:
        network: in float64.
        x: a batch in the shape of the first layer's input.
        labels: (N,) integers.
        seed: selects the checked entries, and fixes the dropout masks.
    """

    def loss() -> float:
        context = Context(training=True, rng=np.random.default_rng(seed))
        return cross_entropy(network.forward(x, context), labels)[0]

    context = Context(training=True, rng=np.random.default_rng(seed))
    of_input = network.backward(cross_entropy(network.forward(x, context), labels)[1])
    gradients = {name: layer.gradients[short].copy() for name, layer, short in network.learned()}
    rng = np.random.default_rng(seed)
    yield _compared("input", x, of_input, loss, rng)
    for name, layer, short in network.learned():
        yield _compared(name, layer.parameters[short], gradients[name], loss, rng)


def _compared(
    name: str, values: Array, gradient: Array, loss: Callable[[], float], rng: np.random.Generator
) -> GradientCheck:
    chosen = rng.permutation(values.size)[:MOST_NUMBERS]
    ours = gradient.flat[chosen]
    numeric = np.array([difference(values, index, loss, STEPS[0]) for index in chosen])
    for step in STEPS[1:]:  # a wide step may cross a kink of ReLU or of a maximum
        scale = _scale(ours, numeric)
        for place in np.flatnonzero(np.abs(ours - numeric) > TOLERANCE * scale):
            numeric[place] = difference(values, chosen[place], loss, step)
    return GradientCheck(
        name, float(np.abs(ours - numeric).max()) / _scale(ours, numeric), TOLERANCE
    )


def difference(values: Array, index: int, loss: Callable[[], float], step: float) -> float:
    """Return the central difference of the loss for one entry, which is restored."""
    kept = values.flat[index]
    values.flat[index] = kept + step
    above = loss()
    values.flat[index] = kept - step
    below = loss()
    values.flat[index] = kept
    return (above - below) / (2 * step)


def _scale(ours: Array, numeric: Array) -> float:
    """Return the largest gradient, with a floor: errors of tiny gradients are absolute."""
    return max(float(np.abs(ours).max()), float(np.abs(numeric).max()), 1e-4)
