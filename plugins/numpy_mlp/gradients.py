"""Gradient checks: the handwritten backward pass against central differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from nntasks.errors import UsageError
from nntasks.interfaces import GradientCheck
from nntasks.plugins.numpy_mlp.layers.base import Array, Context, Layer
from nntasks.plugins.numpy_mlp.loss import Loss, cross_entropy
from nntasks.plugins.numpy_mlp.network import Network, as_network

STEPS = (1e-5, 1e-6, 1e-7)
TOLERANCE = 1e-6
MOST_NUMBERS = 60  # entries checked per array


class GradientChecks(list[GradientCheck]):
    """One check for the input, and one per parameter. `str` has a line for each."""

    @property
    def passed(self) -> bool:
        """Whether all gradients are right."""
        return all(check.passed for check in self)

    @property
    def worst(self) -> GradientCheck:
        """The check with the largest error; one that is not a number counts as the largest."""
        return max(self, key=lambda check: math.inf if math.isnan(check.error) else check.error)

    def __repr__(self) -> str:
        return "\n".join(map(str, self))


def check_gradients(
    network: Network | Layer,
    x: ArrayLike,
    targets: Array | None = None,
    *,
    loss: Loss = cross_entropy,
    entries: int = MOST_NUMBERS,
    seed: int = 0,
) -> GradientChecks:
    """Compare the gradients of a network, or of a single layer, with central differences.

    The passes are those of training, with the same dropout masks every time. Parameters and
    running statistics are as before afterwards.

    Args:
        network: with parameters in float64.
        x: a batch in the shape of the first layer's input.
        targets: what `loss` takes, for cross-entropy (N,) integers. Without targets the checked
            function is the sum of all outputs, each times a random number.
        loss: of outputs and targets; returns its value and its gradient by the outputs.
        entries: checked per array, chosen at random.
        seed: selects the checked entries, and fixes the dropout masks.

    Raises:
        UsageError: parameters in single precision, for which differences are too coarse.
    """
    network, x = as_network(network), np.array(x, np.float64)
    _require_doubles(network)
    with network.keeping_buffers():
        return GradientChecks(_checks(network, x, _function(targets, loss, seed), entries, seed))


def _require_doubles(network: Network) -> None:
    for name, layer, short in network.learned():
        if layer.parameters[short].dtype != np.float64:
            raise UsageError(
                f"check_gradients: expected parameters in float64, got "
                f"{layer.parameters[short].dtype} for {name}; differences need double precision"
            )


def _function(
    targets: Array | None, loss: Loss, seed: int
) -> Callable[[Array], tuple[float, Array]]:
    """Return the checked function of the outputs."""
    if targets is not None:
        return lambda outputs: loss(outputs, targets)

    def weighted_sum(outputs: Array) -> tuple[float, Array]:
        weights = np.random.default_rng(seed).standard_normal(outputs.shape)
        return float((weights * outputs).sum()), weights

    return weighted_sum


def _checks(
    network: Network,
    x: Array,
    function: Callable[[Array], tuple[float, Array]],
    entries: int,
    seed: int,
) -> Iterator[GradientCheck]:
    def passed_forward() -> tuple[float, Array]:
        context = Context(training=True, rng=np.random.default_rng(seed))
        return function(network.forward(x, context))

    def value() -> float:
        return passed_forward()[0]

    of_input = network.backward(passed_forward()[1])
    gradients = {name: layer.gradients[short].copy() for name, layer, short in network.learned()}
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(x.size)[:entries]
    yield _compared("input", x, of_input, value, chosen)
    for name, layer, short in network.learned():
        parameter = layer.parameters[short]
        chosen = rng.permutation(parameter.size)[:entries]
        yield _compared(name, parameter, gradients[name], value, chosen)


def _compared(
    name: str, values: Array, gradient: Array, function: Callable[[], float], chosen: Array
) -> GradientCheck:
    if gradient.shape != values.shape:
        raise UsageError(
            f"check_gradients: expected a gradient {values.shape} by {name}, got {gradient.shape}"
        )
    ours = gradient.flat[chosen]
    numeric = np.array([difference(values, index, function, STEPS[0]) for index in chosen])
    for step in STEPS[1:]:  # a wide step may cross a kink of ReLU or of a maximum
        scale = _scale(ours, numeric)
        for place in np.flatnonzero(np.abs(ours - numeric) > TOLERANCE * scale):
            numeric[place] = difference(values, chosen[place], function, step)
    errors = np.abs(ours - numeric) / _scale(ours, numeric)
    worst = int(errors.argmax())  # the first NaN, if there is one
    index = tuple(int(number) for number in np.unravel_index(chosen[worst], values.shape))
    return GradientCheck(
        name, float(errors[worst]), TOLERANCE, index, float(ours[worst]), float(numeric[worst])
    )


def difference(values: Array, index: int, function: Callable[[], float], step: float) -> float:
    """Return the central difference of a function for one entry, which is restored."""
    kept = values.flat[index]
    values.flat[index] = kept + step
    above = function()
    values.flat[index] = kept - step
    below = function()
    values.flat[index] = kept
    return (above - below) / (2 * step)


def _scale(ours: Array, numeric: Array) -> float:
    """Return the largest gradient, with a floor: errors of tiny gradients are absolute."""
    return float(np.fmax.reduce(np.abs([*ours, *numeric, 1e-4])))  # NaN is passed over
