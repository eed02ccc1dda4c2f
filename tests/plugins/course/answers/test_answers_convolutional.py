"""Answers of assignment 2 against PyTorch: convolution, pooling, batch norm, dropout."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch_oracle import agree, tensor

from nntasks.plugins.course.answers import convolutional


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_convolution(rng, stride, padding):
    x, weight, bias = (
        rng.normal(size=(2, 3, 8, 7)),
        rng.normal(size=(4, 3, 3, 3)),
        rng.normal(size=4),
    )
    layer = convolutional.Convolution(weight, bias, stride, padding)
    tx, tw, tb = tensor(x), tensor(weight), tensor(bias)
    y = F.conv2d(tx, tw, tb, stride, padding)
    agree(layer.forward(x), y)
    gradient = rng.normal(size=y.shape)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.weight_gradient, tw.grad)
    agree(layer.bias_gradient, tb.grad)


def test_max_pooling(rng):
    x, gradient = rng.normal(size=(2, 3, 6, 9)), rng.normal(size=(2, 3, 2, 3))
    layer, tx = convolutional.MaxPooling(3), tensor(x)
    y = F.max_pool2d(tx, 3)
    agree(layer.forward(x), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)


def test_batch_norm(rng):
    x, gradient = rng.normal(size=(10, 4)), rng.normal(size=(10, 4))
    scale, shift = rng.normal(size=4), rng.normal(size=4)
    layer, tx, ts, tb = (
        convolutional.BatchNorm(scale, shift),
        tensor(x),
        tensor(scale),
        tensor(shift),
    )
    mean, variance = torch.zeros(4, dtype=torch.double), torch.ones(4, dtype=torch.double)
    y = F.batch_norm(tx, mean, variance, ts, tb, training=True)
    agree(layer.forward(x, True), y)
    y.backward(torch.tensor(gradient))
    agree(layer.backward(gradient), tx.grad)
    agree(layer.scale_gradient, ts.grad)
    agree(layer.running_mean, mean)
    agree(layer.running_variance, variance)
    agree(layer.forward(x, False), F.batch_norm(tx, mean, variance, ts, tb))


def test_dropout_keeps_the_mean_and_its_mask(rng):
    layer, x = convolutional.Dropout(0.25), np.ones((200, 100))
    y = layer.forward(x, True, rng)
    assert set(np.unique(y)) == {0, 1 / 0.75}
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert np.array_equal(layer.backward(2 * x), 2 * y)
    assert np.array_equal(layer.forward(x, False, rng), x)
