"""A sequence of layers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer


class Network:
    """A sequence of layers.

    Args:
        layers: in order; each is named by its place and kind, such as "0.linear".

    Attributes:
        layers: (name, layer), in order.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers = [
            (f"{place}.{type(layer).__name__.lower()}", layer) for place, layer in enumerate(layers)
        ]

    def forward(self, x: Array, context: Context = EVALUATION) -> Array:
        """Return the output of the last layer for a batch; by default as in evaluation."""
        for _, layer in self.layers:
            x = layer.forward(x, context)
        return x

    def backward(self, gradient: Array) -> Array:
        """Set the gradients of all layers; return the gradient by the input."""
        for _, layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        return gradient

    def learned(self) -> Iterator[tuple[str, Layer, str]]:
        """Yield full name, layer and name within the layer of every parameter."""
        for prefix, layer in self.layers:
            for name in layer.parameters:
                yield f"{prefix}.{name}", layer, name

    @contextlib.contextmanager
    def keeping_buffers(self) -> Iterator[None]:
        """Restore running statistics afterwards, which a forward pass in training mode updates."""
        kept = [dict(layer.buffers) for _, layer in self.layers]
        try:
            yield
        finally:
            for (_, layer), buffers in zip(self.layers, kept, strict=True):
                layer.buffers = buffers

    def state(self) -> dict[str, Array]:
        """Return parameters and buffers by full name."""
        return {
            f"{prefix}.{name}": place[name]
            for prefix, layer in self.layers
            for name, place in layer.state()
        }

    def load_state(self, state: Mapping[str, Array]) -> None:
        """Restore what `state` returned; arrays are copied.

        Raises:
            UsageError: a name or shape does not fit this network, or a value is not finite.
        """
        own = self.state()
        for name, value in own.items():
            got = tuple(state[name].shape) if name in state else "nothing"
            if got != value.shape:
                raise UsageError(
                    f"the weights belong to another architecture: expected {name} {value.shape}, "
                    f"got {got}"
                )
        extra = sorted(set(state) - set(own))
        if extra:
            raise UsageError(
                f"the weights belong to another architecture: got {extra[0]}, which this model "
                "does not have"
            )
        for prefix, layer in self.layers:
            for name, place in layer.state():
                value = np.asarray(state[f"{prefix}.{name}"])
                if value.dtype.kind != "f" or not np.isfinite(value).all():
                    wrong = np.count_nonzero(~np.isfinite(value))
                    raise UsageError(
                        f"the weights: expected finite floats in {prefix}.{name}, got "
                        f"{value.dtype} with {wrong} NaN or infinite numbers"
                    )
                place[name] = value.astype(place[name].dtype)

    def __repr__(self) -> str:
        return "\n".join(
            ["<Network", *(f"  {name}: {layer!r}" for name, layer in self.layers), ">"]
        )


def as_network(network: Network | Layer) -> Network:
    """Return a network; a single layer becomes a network of one."""
    return network if isinstance(network, Network) else Network([network])
