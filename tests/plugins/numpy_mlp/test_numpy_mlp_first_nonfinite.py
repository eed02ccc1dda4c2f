"""Which layer and array a step that failed names."""

from __future__ import annotations

import math

import numpy as np
import pytest
from xor_networks import CORNERS, XOR, xor_network

from nntasks.plugins.numpy_mlp.first_nonfinite import first_nonfinite, norm
from nntasks.plugins.numpy_mlp.layers.activations import Relu
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.network import Network


def cause(network, inputs=CORNERS):
    return first_nonfinite(network, inputs, Context(training=True), XOR[: len(inputs)])


def test_the_norm_of_several_arrays_is_that_of_all_their_numbers():
    assert norm([np.array([[3.0]]), np.array([4.0, 12.0])]) == 13
    assert norm([]) == 0
    assert norm([np.array([1e200])]) == math.inf


def test_none_where_all_is_finite():
    assert cause(xor_network()) is None


def test_the_input_itself():
    inputs = CORNERS.copy()
    inputs[1, 0], inputs[2, 1] = np.nan, np.inf
    found = cause(xor_network(), inputs)
    assert str(found) == "the input of the network went first"
    assert "shape (4, 2), 1 NaN, 1 infinite of 8" in found.detail


def test_the_first_layer_whose_output_overflows_and_the_size_of_its_input():
    network = Network([Linear([[1e200, 0], [0, 1]]), Relu(), Linear([[1e200, 0], [0, 1]])])
    found = cause(network)
    assert (found.place, found.tensor) == ("2.linear (Linear)", "the output")
    assert found.operation == "forward"
    assert "2 infinite of 8, largest input 1e+200" in found.detail


def test_the_loss_where_the_logits_are_finite():
    found = cause(Network([Linear([[1.5e308, -1.5e308], [0, 0]])]))
    assert (found.place, found.operation) == ("the loss", "cross-entropy")


def test_a_gradient_that_is_not_finite():
    class Broken(Relu):
        def backward(self, gradient):
            return super().backward(gradient) / 0

    layers = xor_network().layers
    network = Network([layers[0][1], Broken(), layers[2][1]])
    found = cause(network)
    assert str(found) == "the gradient by input of 1.broken (Broken) (backward) went first"


def test_gradients_whose_sum_of_squares_alone_overflows():
    inputs = 1e200 * CORNERS
    found = cause(Network([Linear([[1e-200, 0], [0, 1e-200]])]), inputs)
    assert (found.place, found.tensor) == ("0.linear (Linear)", "the gradient's norm")


@pytest.mark.parametrize("inputs", [CORNERS, CORNERS * np.nan])
def test_no_warning_is_printed(inputs):
    with np.errstate(all="raise"):
        cause(Network([Linear([[1e308, 1], [1e308, 1]])]), inputs)
