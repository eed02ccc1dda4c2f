"""What a layer is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray


@dataclass
class Context:
    """What a forward pass needs to know besides its input.

    Attributes:
        training: whether layers behave as in training (dropout, batch statistics).
        rng: draws dropout's masks.
    """

    training: bool = False
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))


class Layer:
    """A function of arrays with parameters.

    `forward` keeps what `backward` needs; `backward` takes the gradient of the loss by the output,
    sets `gradients` (by the same names as `parameters`) and returns the gradient by the input.

    Attributes:
        parameters: what is learned, by name.
        buffers: what is kept but not learned, by name, such as running means.
        gradients: of the last backward pass.
        decaying: names of the parameters that weight decay and max-norm are for.
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
        """Yield the name and the place of everything that is kept."""
        for place in (self.parameters, self.buffers):
            for name in place:
                yield name, place
