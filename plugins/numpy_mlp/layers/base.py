"""The base class of layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nntasks.errors import UsageError

Array = np.ndarray


@dataclass
class Context:
    """The state of a forward pass.

    Attributes:
        training: whether layers behave as in training (dropout, batch statistics).
        rng: draws the dropout masks.
    """

    training: bool = False
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))


EVALUATION = Context()  # nothing is drawn in evaluation, so all passes can share it


def as_floats(layer: str, values: Any, ndim: int) -> Array:
    """Return initial values as an array of floats; whole numbers become float64.

    Raises:
        UsageError: another number of dimensions, or not numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or array.ndim != ndim:
        raise UsageError(
            f"{layer}: expected an array of numbers with {ndim} dimensions, got {array.dtype} "
            f"{array.shape}"
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)


class Layer:
    """A differentiable function of arrays with parameters.

    `forward` keeps what `backward` needs. `backward` takes the gradient of the loss by the output,
    sets `gradients` (by the same names as `parameters`) and returns the gradient by the input.

    Attributes:
        parameters: trained arrays, by name.
        buffers: saved but untrained arrays, by name, such as running means.
        gradients: gradient of each parameter from the last backward pass.
        decaying: names of the parameters that weight decay and max-norm apply to.
    """

    decaying: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.parameters: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        """Return the output for a batch; by default as in evaluation."""
        raise NotImplementedError

    def backward(self, gradient: Array) -> Array:
        """Set `gradients` for the last forward pass; return the gradient by its input."""
        raise NotImplementedError

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self.parameters.items())
        return f"<{type(self).__name__}{shapes and ': '}{shapes}>"

    def state(self) -> Iterator[tuple[str, dict[str, Array]]]:
        """Yield the name and the dictionary of every saved array."""
        for place in (self.parameters, self.buffers):
            for name in place:
                yield name, place
