"""Answers of assignment 1 against PyTorch: optimisers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_oracle import agree, tensor

from nntasks.plugins.course.answers import optimizers


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (optimizers.Momentum(0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
        (optimizers.Adam(0.05), lambda p: torch.optim.Adam(p, 0.05)),
    ],
)
def test_optimisers(rng, ours, theirs):
    start = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    own, other = [value.copy() for value in start], [tensor(value.copy()) for value in start]
    optimizer = theirs(other)
    for _ in range(6):
        gradients = [rng.normal(size=value.shape) for value in start]
        ours.step(own, gradients)
        for value, gradient in zip(other, gradients, strict=True):
            value.grad = torch.tensor(gradient)
        optimizer.step()
    for value, theirs_now in zip(own, other, strict=True):
        agree(value, theirs_now)


def test_the_first_step_of_adam_has_the_size_of_its_learning_rate():
    values = [np.zeros(2)]
    optimizers.Adam(0.1).step(values, [np.array([1e-3, -1e3])])
    assert values[0] == pytest.approx([-0.1, 0.1], rel=1e-4)


def test_parameters_change_in_place():
    value = np.ones(1)
    optimizers.Momentum(0.5, 0.9).step([value], [np.ones(1)])
    assert value.tolist() == [0.5]
