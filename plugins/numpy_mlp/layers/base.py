"""The base class of layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

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

    def forward(self, x: Array, context: Context) -> Array:
        raise NotImplementedError

    def backward(self, gradient: Array) -> Array:
        raise NotImplementedError

    def state(self) -> Iterator[tuple[str, dict[str, Array]]]:
        """Yield the name and the dictionary of every saved array."""
        for place in (self.parameters, self.buffers):
            for name in place:
                yield name, place
