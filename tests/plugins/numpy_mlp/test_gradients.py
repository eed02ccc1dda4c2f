"""Gradient checks find wrong gradients, name them, and change nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from layer_checks import POINTS, drawn
from xor_networks import CORNERS, XOR, small_network

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.gradients import check_gradients, difference
from nntasks.plugins.numpy_mlp.layers.activations import Relu, Tanh
from nntasks.plugins.numpy_mlp.layers.dropout import Dropout
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.loss import mean_squared_error
from nntasks.plugins.numpy_mlp.network import Network


class Shifted(Linear):
    """A linear layer with one entry of one gradient wrong."""

    def backward(self, gradient):
        back = super().backward(gradient)
        self.gradients["weight"][2, 1] += 0.5
        return back


def test_a_network_keeps_its_weights_and_statistics():
    network = small_network()
    before = {name: array.copy() for name, array in network.state().items()}
    checks = check_gradients(network, CORNERS, XOR)
    assert checks.passed
    assert [check.name for check in checks][:3] == ["input", "0.linear.weight", "0.linear.bias"]
    assert all(np.array_equal(before[k], v) for k, v in network.state().items())


def test_a_wrong_gradient_is_found_and_those_behind_it():
    class Wrong(Tanh):
        def backward(self, gradient):
            return gradient * (1 - self._y)

    network = Network([Linear(drawn(5, 4)), Wrong(), Linear(drawn(4, 4))])
    checks = check_gradients(network, POINTS, np.arange(6) % 4)
    assert {check.name: check.passed for check in checks} == {
        "input": False,
        "0.linear.weight": False,
        "0.linear.bias": False,
        "2.linear.weight": True,
        "2.linear.bias": True,
    }


def test_the_worst_entry_is_named():
    checks = check_gradients(Shifted(drawn(4, 3)), np.ones((5, 4)))
    assert [check.passed for check in checks] == [True, False, True]
    worst = checks.worst
    assert (worst.name, worst.index) == ("0.shifted.weight", (2, 1))
    assert worst.backward - worst.numeric == pytest.approx(0.5, abs=1e-6)
    assert "WRONG: 0.shifted.weight" in str(checks)
    assert "at [2, 1]" in str(checks)


def test_nan_is_the_worst():
    class Broken(Linear):
        def backward(self, gradient):
            back = super().backward(gradient)
            self.gradients["bias"][1] = np.nan
            return back

    checks = check_gradients(Broken(np.ones((2, 3))), CORNERS)
    assert not checks.passed
    assert (checks.worst.name, checks.worst.index) == ("0.broken.bias", (1,))


def test_another_loss():
    network = Network([Linear.drawn(2, 3, np.random.default_rng(1)), Tanh()])
    targets = np.random.default_rng(2).standard_normal((4, 3))
    assert check_gradients(network, CORNERS, targets, loss=mean_squared_error).passed


def test_single_layers_with_dropout():
    assert check_gradients(Dropout(0.4), np.ones((6, 5))).passed


def test_an_input_next_to_a_kink_is_no_mistake():
    x = np.array([[3e-6, -3e-6, 1.0]])  # the widest step crosses zero
    assert check_gradients(Relu(), x).passed


def test_so_many_entries_of_each_array_are_checked():
    def passed(entries):
        return check_gradients(Shifted(drawn(4, 3)), np.ones((5, 4)), entries=entries).passed

    assert passed(1)  # the wrong entry is not the one that was chosen
    assert not passed(12)


def test_the_caller_s_input_does_not_change():
    x = CORNERS.copy()
    check_gradients(small_network(), x, XOR)
    assert np.array_equal(x, CORNERS)


def test_a_gradient_of_another_shape_is_one_line():
    class Summed(Linear):
        def backward(self, gradient):
            back = super().backward(gradient)
            self.gradients["bias"] = gradient.sum(axis=1)
            return back

    with pytest.raises(UsageError, match=r"a gradient \(3,\) by 0.summed.bias, got \(4,\)"):
        check_gradients(Summed(np.ones((2, 3))), CORNERS)


def test_single_precision_is_refused():
    layer = Linear.drawn(2, 3, np.random.default_rng(0), dtype="float32")
    with pytest.raises(UsageError, match="expected parameters in float64, got float32"):
        check_gradients(layer, CORNERS)


def test_a_difference_by_hand_and_the_value_is_restored():
    values = np.array([[1.0, 3.0]])
    found = difference(values, 1, lambda: math.prod(values.flat) ** 2, 1e-4)
    assert found == pytest.approx(6, abs=1e-6)  # (x y)^2 by y is 2 x^2 y
    assert values.tolist() == [[1, 3]]
