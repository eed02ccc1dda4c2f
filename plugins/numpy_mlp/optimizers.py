"""Optimisers, weight decay and max-norm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.layers.base import Array, Layer
from nntasks.plugins.numpy_mlp.network import Network, as_network


class Optimizer:
    """Updates the parameters of a network from their gradients.

    Weight decay is decoupled from the gradient: w <- w - lr decay w (Loshchilov and Hutter, 2019).
    Max-norm limits the norm of each unit's input weights (Srivastava et al., 2014).

    Args:
        network: the network, or the single layer, to train.
        moments: names of the arrays that are kept for each parameter.
        weight_decay: of weights, per unit of learning rate; biases do not decay.
        max_norm: the largest norm; 0 for no limit.
    """

    def __init__(
        self,
        network: Network | Layer,
        moments: Sequence[str],
        *,
        weight_decay: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        self.network = as_network(network)
        self.weight_decay, self.max_norm = weight_decay, max_norm
        self.steps = 0
        self.moments: dict[str, Array] = {}
        # Scratch arrays: allocating memory at each step costs more than the arithmetic.
        self._room: dict[str, Array] = {}
        for name, layer, short in self.network.learned():
            self._room[name] = np.empty_like(layer.parameters[short])
            for moment in moments:
                self.moments[f"{moment}.{name}"] = np.zeros_like(layer.parameters[short])

    def _change(self, name: str, gradient: Array) -> Array:
        """Return the change that is subtracted from a parameter at a learning rate of 1."""
        raise NotImplementedError

    def step(self, lr: float) -> None:
        """Update every parameter once, from the gradients of the last backward pass."""
        self.steps += 1
        for name, layer, short in self.network.learned():
            value = layer.parameters[short]
            change = self._change(name, layer.gradients[short])
            if short in layer.decaying and self.weight_decay:
                value *= value.dtype.type(1 - lr * self.weight_decay)
            value -= np.multiply(change, value.dtype.type(lr), out=self._room[name])
            if short in layer.decaying and self.max_norm:
                _limit(value, self.max_norm)

    def arrays(self) -> Mapping[str, Array]:
        """Return the arrays that a checkpoint saves, by name."""
        return self.moments

    def load(self, arrays: Mapping[str, Array], steps: int) -> None:
        """Restore what `arrays` returned."""
        self.steps = steps
        for name, own in self.moments.items():
            own[...] = np.asarray(arrays[name])


class Sgd(Optimizer):
    """v <- momentum v + g; the change is v, or g + momentum v with Nesterov momentum."""

    def __init__(
        self,
        network: Network | Layer,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        moments = ("velocity",) if momentum else ()
        super().__init__(network, moments, weight_decay=weight_decay, max_norm=max_norm)
        self.momentum, self.nesterov = momentum, nesterov

    def _change(self, name: str, gradient: Array) -> Array:
        if not self.momentum:
            return gradient
        velocity = self.moments[f"velocity.{name}"]
        velocity *= velocity.dtype.type(self.momentum)
        velocity += gradient
        if not self.nesterov:
            return velocity
        return gradient + velocity.dtype.type(self.momentum) * velocity


class Adam(Optimizer):
    """Kingma and Ba, 2015 (arXiv:1412.6980), algorithm 1, with epsilon outside the root."""

    def __init__(
        self,
        network: Network | Layer,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        moments = ("mean", "square")
        super().__init__(network, moments, weight_decay=weight_decay, max_norm=max_norm)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def _change(self, name: str, gradient: Array) -> Array:
        beta1, beta2 = self.beta1, self.beta2
        mean, square = self.moments[f"mean.{name}"], self.moments[f"square.{name}"]
        kind = mean.dtype.type
        room = self._room[name]
        mean += np.multiply(np.subtract(gradient, mean, out=room), kind(1 - beta1), out=room)
        square *= kind(beta2)
        square += np.multiply(np.multiply(gradient, gradient, out=room), kind(1 - beta2), out=room)
        np.sqrt(square, out=room)
        room *= kind(1 / np.sqrt(1 - beta2**self.steps))
        room += kind(self.epsilon)
        np.divide(mean, room, out=room)
        room *= kind(1 / (1 - beta1**self.steps))
        return room


def build_optimizer(network: Network, config: NumpyConfig) -> Optimizer:
    """Return the configured optimiser; `momentum` is Adam's beta1."""
    limits = {"weight_decay": config.weight_decay, "max_norm": config.max_norm}
    if config.optimizer == "adam":
        return Adam(network, beta1=config.momentum, **limits)
    return Sgd(network, momentum=config.momentum, nesterov=config.nesterov, **limits)


def _limit(weight: Array, most: float) -> None:
    """Limit the norm of each unit's input weights: columns of (I, O), filters of (O, C, K, K)."""
    over = (0,) if weight.ndim == 2 else (1, 2, 3)
    norms = np.sqrt((weight * weight).sum(axis=over, keepdims=True))
    weight *= np.minimum(1, most / np.maximum(norms, 1e-12)).astype(weight.dtype)
