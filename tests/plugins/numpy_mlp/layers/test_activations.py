"""Element-wise activations: values, slopes, and extreme inputs."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import POINTS, drawn, wrong_gradients

from nntasks.plugins.numpy_mlp.layers.activations import ACTIVATIONS, Relu, Sigmoid, Tanh
from nntasks.plugins.numpy_mlp.layers.linear import Linear


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_gradients_against_central_differences(name):
    layers = (Linear(drawn(5, 4)), ACTIVATIONS[name](), Linear(drawn(4, 4)))
    assert wrong_gradients(*layers, x=POINTS) == {}


def test_relu_lets_the_gradient_through_where_the_input_was_positive():
    layer = Relu()
    assert layer.forward(np.array([[-2.0, 0.0, 3.0]])).tolist() == [[0, 0, 3]]
    assert layer.backward(np.array([[5.0, 6.0, 7.0]])).tolist() == [[0, 0, 7]]


def test_sigmoid_is_symmetric_about_a_half_and_steepest_at_zero():
    layer, x = Sigmoid(), np.array([[-1.5, 0.0, 1.5]])
    y = layer.forward(x)
    assert y[0, 1] == 0.5
    assert y[0, 0] + y[0, 2] == pytest.approx(1, abs=1e-15)
    assert y[0, 2] == pytest.approx(1 / (1 + np.exp(-1.5)), abs=1e-15)
    slopes = layer.backward(np.ones_like(x))
    assert slopes[0, 1] == 0.25
    assert slopes.max() == 0.25


def test_tanh_by_hand():
    layer = Tanh()
    assert layer.forward(np.array([[0.0, np.log(3)]]))[0] == pytest.approx([0, 0.8], abs=1e-15)
    assert layer.backward(np.array([[2.0, 2.0]]))[0] == pytest.approx([2, 0.72], abs=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_huge_inputs_overflow_nowhere_and_precision_stays(name, dtype):
    x = np.array([[1e4, -1e4, 0.0]], dtype)
    layer = ACTIVATIONS[name]()
    with np.errstate(over="raise", invalid="raise"):
        y = layer.forward(x)
        back = layer.backward(np.ones_like(y))
    assert np.isfinite(y).all()
    assert np.isfinite(back).all()
    assert (y.dtype, back.dtype) == (x.dtype, x.dtype)
