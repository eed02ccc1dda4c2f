"""Inputs for the layers written by hand, and their comparison with PyTorch's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from nntasks.plugins.numpy_mlp.gradients import check_gradients
from nntasks.plugins.numpy_mlp.layers.base import Array, Context, Layer
from nntasks.plugins.numpy_mlp.network import Network


def drawn(*shape: int, seed: int = 0) -> Array:
    """Return normal numbers of a shape."""
    return np.random.default_rng(seed).standard_normal(shape)


POINTS = drawn(6, 5)
PICTURES = drawn(3, 2, 6, 7)


def wrong_gradients(*layers: Layer, x: Array) -> dict[str, float]:
    """Return the error of every gradient that differs from central differences, by name."""
    checks = check_gradients(Network(layers), x, np.arange(len(x)) % 4)
    assert len(checks) > 1
    return {check.name: check.error for check in checks if not check.passed}


def compare_with_torch(
    ours: Layer, theirs: Callable[[torch.Tensor], torch.Tensor], x: Array
) -> None:
    """Compare output and gradient by input; both sides have their parameters' gradients then."""
    leaf = torch.from_numpy(x).requires_grad_()
    expected = theirs(leaf)
    found = ours.forward(x, Context(training=True))
    assert np.allclose(found, expected.detach().numpy(), rtol=0, atol=1e-12)
    back = drawn(*found.shape, seed=9)
    expected.backward(torch.from_numpy(back))
    assert leaf.grad is not None
    assert np.allclose(ours.backward(back), leaf.grad.numpy(), rtol=0, atol=1e-11)
