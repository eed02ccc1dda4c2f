"""Exclusive or, and small networks for it."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.numpy_mlp import BatchNorm, Linear, Network, Relu, Tanh

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])


def xor_network() -> Network:
    """Return the textbook's solution: two hidden units count the ones, the output is h1 - 2 h2."""
    return Network(
        [
            Linear([[1, 1], [1, 1]], bias=[0, -1]),
            Relu(),
            Linear([[0, 1], [0, -2]], bias=[0.5, 0]),
        ]
    )


def small_network(seed: int = 0) -> Network:
    """Return a network with random weights and running statistics."""
    rng = np.random.default_rng(seed)
    return Network([Linear.drawn(2, 8, rng), BatchNorm(8), Tanh(), Linear.drawn(8, 2, rng)])
