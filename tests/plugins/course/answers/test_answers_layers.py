"""Answers of assignment 1 against PyTorch: layers and the loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch_oracle import agree, tensor

from nntasks.plugins.course.answers import layers


def test_linear(rng):
    x, weight, bias = rng.normal(size=(7, 5)), rng.normal(size=(5, 3)), rng.normal(size=3)
    gradient = rng.normal(size=(7, 3))
    layer = layers.Linear(weight, bias)
    tx, tw, tb = tensor(x), tensor(weight), tensor(bias)
    y = F.linear(tx, tw.T, tb)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.weight_gradient, tw.grad)
    agree(layer.bias_gradient, tb.grad)


@pytest.mark.parametrize(
    ("kind", "theirs"), [(layers.Relu, torch.relu), (layers.Sigmoid, torch.sigmoid)]
)
def test_activations(rng, kind, theirs):
    x, gradient = 4 * rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    layer, tx = kind(), tensor(x)
    y = theirs(tx)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)


def test_cross_entropy(rng):
    logits, labels = 3 * rng.normal(size=(9, 4)), rng.integers(0, 4, 9)
    tl = tensor(logits)
    theirs = F.cross_entropy(tl, torch.tensor(labels))
    theirs.backward()
    loss, gradient = layers.softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    agree(gradient, tl.grad)


def test_large_numbers_overflow_nowhere():
    with np.errstate(over="raise", invalid="raise"):
        assert layers.Sigmoid().forward(np.array([-1e3, 0, 1e3])).tolist() == [0, 0.5, 1]
        loss, gradient = layers.softmax_cross_entropy(np.array([[1e3, 0.0]]), np.array([1]))
    assert loss == 1e3
    assert gradient.tolist() == [[1, -1]]


def test_the_slope_of_relu_at_zero_is_zero():
    layer = layers.Relu()
    assert layer.forward(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]
    assert layer.backward(np.full(3, 5.0)).tolist() == [0, 0, 5]
