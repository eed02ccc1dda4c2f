"""A sequence of layers: names, passes, saved state."""

from __future__ import annotations

import numpy as np
import pytest
from xor_networks import CORNERS, small_network, xor_network

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.network import Network, as_network


def test_forward_and_backward_pass_through_all_layers_in_turn():
    first, second = Linear([[1.0, 2.0]], bias=[1, 1]), Linear([[3.0], [5.0]])
    network = Network([first, second])
    assert network.forward(np.array([[1.0]])).tolist() == [[21]]  # 3 (1 + 1) + 5 (2 + 1)
    assert network.backward(np.array([[1.0]])).tolist() == [[13]]  # 1 * 3 + 2 * 5
    assert first.gradients["weight"].tolist() == [[3, 5]]
    assert second.gradients["weight"].tolist() == [[2], [3]]


def test_parameters_are_named_by_place_and_kind():
    network = small_network()
    assert [name for name, _, _ in network.learned()] == [
        "0.linear.weight",
        "0.linear.bias",
        "1.batchnorm.scale",
        "1.batchnorm.shift",
        "3.linear.weight",
        "3.linear.bias",
    ]
    saved = set(network.state()) - {name for name, _, _ in network.learned()}
    assert saved == {"1.batchnorm.mean", "1.batchnorm.variance"}


def test_a_state_makes_another_network_the_same_one_and_is_copied():
    first, second = small_network(0), small_network(1)
    first.forward(3 * CORNERS, Context(training=True))  # running statistics of its own
    state = first.state()
    second.load_state(state)
    expected = first.forward(CORNERS)
    assert np.array_equal(second.forward(CORNERS), expected)
    state["0.linear.weight"] += 1
    assert np.array_equal(second.forward(CORNERS), expected)


def test_a_state_in_another_precision_takes_that_of_the_network():
    network = small_network()
    network.load_state({name: value.astype("float32") for name, value in network.state().items()})
    assert {value.dtype for value in network.state().values()} == {np.dtype("float64")}


def _without_bias(state):
    return {name: value for name, value in state.items() if name != "3.linear.bias"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without_bias, r"expected 3.linear.bias \(2,\), got nothing"),
        (lambda s: {**s, "3.linear.bias": np.ones(3)}, r"3.linear.bias \(2,\), got \(3,\)"),
        (lambda s: {**s, "9.linear.bias": np.ones(3)}, "got 9.linear.bias, which this model does"),
        (
            lambda s: {**s, "3.linear.bias": np.array([np.nan, 1])},
            "expected finite floats in 3.linear.bias, got float64 with 1 NaN or infinite numbers",
        ),
        (lambda s: {**s, "3.linear.bias": np.ones(2, int)}, "got int64 with 0 NaN"),
    ],
    ids=["missing", "shape", "extra", "nan", "integers"],
)
def test_another_state_is_one_line(change, message):
    network = small_network()
    with pytest.raises(UsageError, match=message):
        network.load_state(change(network.state()))


def test_running_statistics_are_restored_also_after_an_error():
    network = small_network()
    before = network.state()["1.batchnorm.mean"].copy()

    def fail():
        with network.keeping_buffers():
            network.forward(CORNERS, Context(training=True))
            assert network.state()["1.batchnorm.mean"].any()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert np.array_equal(network.state()["1.batchnorm.mean"], before)


def test_a_single_layer_becomes_a_network_of_one():
    network, layer = xor_network(), Linear(np.ones((2, 3)))
    assert as_network(network) is network
    assert as_network(layer).layers == [("0.linear", layer)]


def test_the_text_has_a_line_for_each_layer():
    assert repr(xor_network()).splitlines() == [
        "<Network",
        "  0.linear: <Linear: weight (2, 2), bias (2,)>",
        "  1.relu: <Relu>",
        "  2.linear: <Linear: weight (2, 2), bias (2,)>",
        ">",
    ]
