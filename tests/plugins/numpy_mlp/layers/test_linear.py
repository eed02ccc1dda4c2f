"""The linear layer and the flattening layer."""

from __future__ import annotations

import numpy as np
import pytest
from layer_checks import PICTURES, POINTS, drawn, wrong_gradients

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear


def test_gradients_against_central_differences():
    assert wrong_gradients(Linear(drawn(5, 4)), x=POINTS) == {}


def test_a_layer_alone():
    layer = Linear([[1.0, 2.0], [3.0, 4.0]], bias=[10.0, 20.0])
    assert layer.forward(np.array([[1.0, 1.0]])).tolist() == [[14, 26]]
    assert layer.backward(np.array([[1.0, 0.5]])).tolist() == [[2.0, 5.0]]
    assert layer.gradients["weight"].tolist() == [[1.0, 0.5], [1.0, 0.5]]
    assert layer.gradients["bias"].tolist() == [1.0, 0.5]


def test_the_bias_starts_at_zero_in_the_precision_of_the_weight():
    layer = Linear(np.ones((2, 3), np.float32))
    assert layer.parameters["bias"].tolist() == [0, 0, 0]
    given = Linear(np.ones((2, 3), np.float32), bias=[1, 2, 3])
    assert {layer.parameters["bias"].dtype, given.parameters["bias"].dtype} == {np.dtype("f4")}


def test_feedback_alignment_goes_back_through_a_fixed_matrix():
    back = drawn(4, 5, seed=3)
    layer = Linear(drawn(5, 4), feedback=back)
    layer.forward(POINTS, Context())
    gradient = drawn(6, 4)
    assert np.array_equal(layer.backward(gradient), gradient @ back)
    assert "feedback" in dict(layer.state())


def test_the_gradient_of_the_weight_stays_in_one_array():
    layer = Linear(drawn(5, 4))
    first = layer.gradients["weight"]
    for _ in range(2):
        layer.forward(POINTS)
        layer.backward(drawn(6, 4))
    assert layer.gradients["weight"] is first
    assert np.allclose(first, POINTS.T @ drawn(6, 4), rtol=0, atol=1e-14)


def test_drawn_has_the_deviation_of_its_kind():
    layer = Linear.drawn(300, 100, np.random.default_rng(0), "xavier")
    assert layer.parameters["weight"].std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert Linear.drawn(2, 3, np.random.default_rng(0), "zeros").parameters["weight"].any() == 0


def test_flatten_and_back():
    layer = Flatten()
    flat = layer.forward(PICTURES)
    assert flat.shape == (3, 84)
    assert flat[1].tolist() == PICTURES[1].ravel().tolist()
    assert np.array_equal(layer.backward(flat), PICTURES)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Linear([1, 2]), r"Linear: weight: expected .* 2 dimensions, got int64 \(2,\)"),
        (lambda: Linear(np.ones((2, 3)), bias=[1.0]), r"expected a bias \(3,\), got \(1,\)"),
        (
            lambda: Linear(np.ones((2, 3))).forward(np.ones((4, 3))),
            r"expected an input \(N, 2\), got \(4, 3\)",
        ),
        (
            lambda: Linear(np.ones((2, 3))).forward(np.ones(2)),
            r"expected an input \(N, 2\), got \(2,\)",
        ),
    ],
)
def test_wrong_shapes_are_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
