"""A forward and a backward pass of a batch, with the arrays of every layer."""

from __future__ import annotations

from dataclasses import dataclass

from nntasks.plugins.numpy_mlp.layers.base import EVALUATION, Array, Context, Layer
from nntasks.plugins.numpy_mlp.loss import Loss, cross_entropy
from nntasks.plugins.numpy_mlp.network import Network, as_network


@dataclass(frozen=True, repr=False)
class Passes:
    """The arrays of a forward and a backward pass.

    Attributes:
        loss: of the batch.
        activations: the network's "input", and the output of every layer by its name.
        by_activation: the gradient of the loss by each of `activations`, in the same shapes.
        gradients: the gradient of the loss by each parameter, by full name ("0.linear.weight").
    """

    loss: float
    activations: dict[str, Array]
    by_activation: dict[str, Array]
    gradients: dict[str, Array]

    def __repr__(self) -> str:
        lines = [f"<Passes: loss {self.loss:.6g}"]
        for what in ("activations", "gradients"):
            arrays: dict[str, Array] = getattr(self, what)
            lines.append(f"  {what}: " + ", ".join(f"{k} {v.shape}" for k, v in arrays.items()))
        return "\n".join([*lines, ">"])


def trace(
    network: Network | Layer,
    x: Array,
    targets: Array,
    *,
    loss: Loss = cross_entropy,
    context: Context = EVALUATION,
) -> Passes:
    """Pass a batch forward and backward, and return the arrays of all layers by name.

    Args:
        network: a network, or a single layer; its parameters and running statistics do not change.
        x: a batch in the shape of the first layer's input.
        targets: what `loss` takes, for cross-entropy (N,) integers.
        loss: of outputs and targets; returns its value and its gradient by the outputs.
        context: `Context(training=True)` for dropout and the statistics of the batch.
    """
    network = as_network(network)
    activations, by_activation = {"input": x}, {}
    with network.keeping_buffers():
        for name, layer in network.layers:
            x = activations[name] = layer.forward(x, context)
        value, gradient = loss(x, targets)
        for name, layer in reversed(network.layers):
            by_activation[name] = gradient
            gradient = layer.backward(gradient)
    by_activation["input"] = gradient
    gradients = {name: layer.gradients[short].copy() for name, layer, short in network.learned()}
    return Passes(
        value, activations, {name: by_activation[name] for name in activations}, gradients
    )
