"""Batch normalisation: of points and of pictures, in training and afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from layer_checks import PICTURES, POINTS, compare_with_torch, drawn, wrong_gradients
from torch import nn

from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear
from nntasks.plugins.numpy_mlp.layers.normalization import BatchNorm

TRAINING = Context(training=True)


def test_gradients_of_points_against_central_differences():
    assert wrong_gradients(BatchNorm(5), Linear(drawn(5, 4)), x=POINTS) == {}


def test_gradients_of_pictures_against_central_differences():
    assert wrong_gradients(BatchNorm(2), Flatten(), Linear(drawn(84, 4)), x=PICTURES) == {}


@pytest.mark.parametrize("x", [POINTS, PICTURES], ids=["points", "pictures"])
def test_against_torch_with_the_running_statistics(x):
    ours = BatchNorm(x.shape[1])
    theirs = (nn.BatchNorm1d if x.ndim == 2 else nn.BatchNorm2d)(x.shape[1], dtype=torch.float64)
    for _ in range(3):
        compare_with_torch(ours, theirs, x)
    assert np.allclose(ours.buffers["mean"], theirs.running_mean.numpy(), atol=1e-13)
    assert np.allclose(ours.buffers["variance"], theirs.running_var.numpy(), atol=1e-13)
    found = ours.forward(x, Context(training=False))
    assert np.allclose(found, theirs.eval()(torch.from_numpy(x)).detach().numpy(), atol=1e-12)


def test_in_evaluation_the_running_statistics_are_constants():
    layer = BatchNorm(2)
    layer.buffers = {"mean": np.array([1.0, 2.0]), "variance": np.array([4.0, 9.0])}
    before = {name: value.copy() for name, value in layer.buffers.items()}
    y = layer.forward(np.array([[5.0, 2.0]]))  # a batch of one has no variance of its own
    assert y[0] == pytest.approx([2, 0], abs=1e-5)
    assert layer.backward(np.array([[6.0, 6.0]]))[0] == pytest.approx([3, 2], abs=1e-5)
    assert all(np.array_equal(before[name], layer.buffers[name]) for name in before)


def test_the_output_does_not_depend_on_shift_and_scale_of_the_input():
    first = BatchNorm(5).forward(POINTS, TRAINING)
    assert first.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-14)
    second = BatchNorm(5).forward(1000 * POINTS - 7, TRAINING)
    assert np.allclose(first, second, rtol=0, atol=1e-4)  # epsilon weighs less in the second


def test_a_batch_of_one_leaves_no_nan():
    layer = BatchNorm(2)
    assert layer.forward(np.array([[3.0, -3.0]]), TRAINING).tolist() == [[0, 0]]
    assert layer.buffers["mean"] == pytest.approx([0.3, -0.3])
    assert layer.buffers["variance"] == pytest.approx([0.9, 0.9])


def test_single_precision_stays_single():
    layer, x = BatchNorm(5, "float32"), POINTS.astype(np.float32)
    y = layer.forward(x, TRAINING)
    back = layer.backward(np.ones_like(y))
    assert {y.dtype, back.dtype, layer.buffers["mean"].dtype} == {np.dtype(np.float32)}
