"""Update rules by hand: momentum, Adam, decay, the limit of norms, restored moments."""

from __future__ import annotations

import numpy as np
import pytest
from xor_networks import CORNERS, XOR, small_network

from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.network import Network
from nntasks.plugins.numpy_mlp.optimizers import Adam, Sgd, build_optimizer


def unit(weight=1.0, bias=0.0, *gradients):
    """Return a layer of one weight and one bias, with their gradients."""
    layer = Linear([[weight]], bias=[bias])
    of_weight, of_bias = gradients or (0.0, 0.0)
    layer.gradients = {"weight": np.array([[of_weight]]), "bias": np.array([of_bias])}
    return layer


def weights_after(make, steps, lr=1.0, gradient=1.0):
    layer = unit(0.0, 0.0, gradient, 0.0)
    optimizer = make(layer)
    found = []
    for _ in range(steps):
        optimizer.step(lr)
        found.append(float(layer.parameters["weight"][0, 0]))
    return found


class TestSgd:
    def test_without_momentum_the_change_is_the_gradient(self):
        assert weights_after(Sgd, 3, lr=0.5) == [-0.5, -1.0, -1.5]

    def test_momentum_by_hand(self):
        found = weights_after(lambda n: Sgd(n, momentum=0.5), 3)
        assert found == [-1, -2.5, -4.25]  # velocities 1, 1.5, 1.75

    def test_nesterov_looks_a_step_ahead(self):
        found = weights_after(lambda n: Sgd(n, momentum=0.5, nesterov=True), 2)
        assert found == [-1.5, -3.25]  # 1 + 0.5, then 1 + 0.75


class TestAdam:
    def test_the_first_step_is_the_learning_rate_whatever_the_gradient(self):
        for gradient in (1e-3, 1.0, 1e3):
            assert weights_after(Adam, 1, 0.1, gradient) == pytest.approx([-0.1], rel=1e-4)
            assert weights_after(Adam, 1, 0.1, -gradient) == pytest.approx([0.1], rel=1e-4)

    def test_two_steps_by_hand(self):
        layer = unit(0.0, 0.0, 1.0, 1.0)
        optimizer = Adam(layer, beta1=0.5, beta2=0.75, epsilon=0)
        optimizer.step(1)
        layer.gradients["weight"][:] = -3
        optimizer.step(1)
        # means 0.5, -1.25 over 1 - 0.5^2; squares 0.25, 2.4375 over 1 - 0.75^2
        second = (-1.25 / 0.75) / np.sqrt(2.4375 / 0.4375)
        assert layer.parameters["weight"][0, 0] == pytest.approx(-1 - second, abs=1e-14)


class TestDecayAndLimits:
    @pytest.mark.parametrize("make", [Sgd, Adam])
    def test_weights_decay_by_their_own_size_and_biases_do_not(self, make):
        layer = unit(8.0, 8.0)
        make(layer, weight_decay=0.5).step(0.25)
        assert layer.parameters["weight"].tolist() == [[7]]  # 8 (1 - 0.25 * 0.5)
        assert layer.parameters["bias"].tolist() == [8]

    def test_long_columns_become_as_long_as_the_limit_and_short_ones_stay(self):
        layer = Linear([[3.0, 0.1], [4.0, 0.2]], bias=[9.0, 9.0])
        layer.gradients["bias"] = np.zeros(2)
        Sgd(layer, max_norm=1.0).step(1)
        assert np.allclose(layer.parameters["weight"], [[0.6, 0.1], [0.8, 0.2]], atol=1e-15)
        assert layer.parameters["bias"].tolist() == [9, 9]

    def test_filters_are_limited_each_as_a_whole(self):
        layer = Convolution(np.stack([np.full((2, 2, 2), 2.0), np.full((2, 2, 2), 0.1)]))
        layer.gradients = {name: np.zeros_like(p) for name, p in layer.parameters.items()}
        Sgd(layer, max_norm=1.0).step(1)
        norms = np.sqrt((layer.parameters["weight"] ** 2).sum(axis=(1, 2, 3)))
        assert norms == pytest.approx([1, 0.1 * np.sqrt(8)], abs=1e-14)

    def test_a_weight_of_zeros_is_divided_by_nothing(self):
        layer = unit(0.0)
        with np.errstate(all="raise"):
            Sgd(layer, max_norm=1.0).step(1)
        assert layer.parameters["weight"].tolist() == [[0]]


@pytest.mark.parametrize("make", [lambda n: Sgd(n, momentum=0.9), Adam], ids=["sgd", "adam"])
def test_a_restored_optimizer_goes_on_as_if_nothing_had_happened(make):
    def step(network, optimizer):
        network.backward(cross_entropy(network.forward(CORNERS), XOR)[1])
        optimizer.step(0.1)

    network = small_network()
    optimizer = make(network)
    for _ in range(3):
        step(network, optimizer)
    other = small_network(1)
    other.load_state(network.state())
    resumed = make(other)
    resumed.load({name: array.copy() for name, array in optimizer.arrays().items()}, 3)
    step(network, optimizer)
    step(other, resumed)
    assert all(np.array_equal(other.state()[k], v) for k, v in network.state().items())


def test_parameters_stay_in_place_and_in_single_precision():
    layer = Linear(np.ones((2, 3), np.float32))
    layer.gradients["bias"] = np.ones(3, np.float32)
    weight = layer.parameters["weight"]
    Adam(layer, weight_decay=0.1, max_norm=1).step(0.1)
    assert layer.parameters["weight"] is weight
    assert weight.dtype == np.float32


class TestBuildOptimizer:
    def test_adam_takes_momentum_for_beta1(self):
        built = build_optimizer(Network([unit()]), NumpyConfig(momentum=0.8, max_norm=2))
        assert isinstance(built, Adam)
        assert (built.beta1, built.weight_decay, built.max_norm) == (0.8, 1e-4, 2)

    def test_sgd_without_momentum_keeps_no_arrays(self):
        config = NumpyConfig(optimizer="sgd", momentum=0, nesterov=True)
        assert build_optimizer(Network([unit()]), config).arrays() == {}
        config = NumpyConfig(optimizer="sgd", momentum=0.5)
        built = build_optimizer(Network([unit()]), config)
        assert list(built.arrays()) == ["velocity.0.linear.weight", "velocity.0.linear.bias"]
