"""Optimisers, weight decay and max-norm."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.layers.base import Array
from nntasks.plugins.numpy_mlp.network import Network

_BETA2, _EPSILON = 0.999, 1e-8


class Optimizer:
    """Updates the parameters of a network from their gradients.

    Weight decay is decoupled from the gradient: w <- w - lr decay w (Loshchilov and Hutter, 2019).
    Max-norm limits the norm of each unit's input weights (Srivastava et al., 2014).

    Args:
        network: the network to train.
        config: the optimiser and its settings.
    """

    def __init__(self, network: Network, config: NumpyConfig) -> None:
        self.network, self.config = network, config
        self.steps = 0
        self.moments: dict[str, Array] = {}
        # Scratch arrays: allocating memory at each step costs more than the arithmetic.
        self._room: dict[str, Array] = {}
        for name, layer, short in network.learned():
            self._room[name] = np.empty_like(layer.parameters[short])
            for moment in self._moments():
                self.moments[f"{moment}.{name}"] = np.zeros_like(layer.parameters[short])

    def _moments(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _change(self, name: str, gradient: Array) -> Array:
        """Return the change that is subtracted from a parameter at a learning rate of 1."""
        raise NotImplementedError

    def step(self, lr: float) -> None:
        """Update every parameter once."""
        self.steps += 1
        for name, layer, short in self.network.learned():
            value = layer.parameters[short]
            change = self._change(name, layer.gradients[short])
            if short in layer.decaying and self.config.weight_decay:
                value *= value.dtype.type(1 - lr * self.config.weight_decay)
            value -= np.multiply(change, value.dtype.type(lr), out=self._room[name])
            if short in layer.decaying and self.config.max_norm:
                _limit(value, self.config.max_norm)

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

    def _moments(self) -> tuple[str, ...]:
        return ("velocity",) if self.config.momentum else ()

    def _change(self, name: str, gradient: Array) -> Array:
        momentum = self.config.momentum
        if not momentum:
            return gradient
        velocity = self.moments[f"velocity.{name}"]
        velocity *= velocity.dtype.type(momentum)
        velocity += gradient
        if not self.config.nesterov:
            return velocity
        return gradient + velocity.dtype.type(momentum) * velocity


class Adam(Optimizer):
    """Kingma and Ba, 2015 (arXiv:1412.6980), algorithm 1, with epsilon outside the root."""

    def _moments(self) -> tuple[str, ...]:
        return ("mean", "square")

    def _change(self, name: str, gradient: Array) -> Array:
        beta1, beta2 = self.config.momentum, _BETA2
        mean, square = self.moments[f"mean.{name}"], self.moments[f"square.{name}"]
        kind = mean.dtype.type
        room = self._room[name]
        mean += np.multiply(np.subtract(gradient, mean, out=room), kind(1 - beta1), out=room)
        square *= kind(beta2)
        square += np.multiply(np.multiply(gradient, gradient, out=room), kind(1 - beta2), out=room)
        np.sqrt(square, out=room)
        room *= kind(1 / np.sqrt(1 - beta2**self.steps))
        room += kind(_EPSILON)
        np.divide(mean, room, out=room)
        room *= kind(1 / (1 - beta1**self.steps))
        return room


def build_optimizer(network: Network, config: NumpyConfig) -> Optimizer:
    """Return the configured optimiser."""
    return {"sgd": Sgd, "adam": Adam}[config.optimizer](network, config)


def _limit(weight: Array, most: float) -> None:
    """Limit the norm of each unit's input weights: columns of (I, O), filters of (O, C, K, K)."""
    over = (0,) if weight.ndim == 2 else (1, 2, 3)
    norms = np.sqrt((weight * weight).sum(axis=over, keepdims=True))
    weight *= np.minimum(1, most / np.maximum(norms, 1e-12)).astype(weight.dtype)
