"""The arrays of a forward and a backward pass, by name."""

from __future__ import annotations

import numpy as np
import pytest
from xor_networks import CORNERS, XOR, small_network, xor_network

from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.loss import cross_entropy, mean_squared_error, softmax
from nntasks.plugins.numpy_mlp.passes import trace


def test_arrays_of_every_layer_by_name():
    network = xor_network()
    found = trace(network, CORNERS, XOR)
    assert list(found.activations) == ["input", "0.linear", "1.relu", "2.linear"]
    assert list(found.by_activation) == list(found.activations)
    assert found.activations["1.relu"].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    assert found.loss == cross_entropy(network.forward(CORNERS), XOR)[0]
    for name, array in found.activations.items():
        assert found.by_activation[name].shape == array.shape
    by_logits = (softmax(found.activations["2.linear"]) - np.eye(2)[XOR]) / 4
    assert np.allclose(found.by_activation["2.linear"], by_logits, atol=1e-15)
    by_weight = found.activations["1.relu"].T @ by_logits
    assert np.allclose(found.gradients["2.linear.weight"], by_weight, atol=1e-15)


def test_nothing_of_the_network_changes_and_the_arrays_stay():
    network = small_network()
    before = {name: array.copy() for name, array in network.state().items()}
    found = trace(network, CORNERS, XOR, context=Context(training=True))
    kept = found.gradients["0.linear.weight"].copy()
    trace(network, 3 * CORNERS, XOR)
    assert np.array_equal(kept, found.gradients["0.linear.weight"])
    assert all(np.array_equal(before[k], v) for k, v in network.state().items())


def test_the_context_says_whose_statistics_count():
    network = small_network()
    evaluated = trace(network, CORNERS, XOR).activations["1.batchnorm"]
    trained = trace(network, CORNERS, XOR, context=Context(training=True))
    assert trained.activations["1.batchnorm"].mean(axis=0) == pytest.approx(np.zeros(8), abs=1e-12)
    assert np.abs(evaluated.mean(axis=0)).max() > 0.01


def test_a_single_layer_and_another_loss():
    found = trace(Linear([[2.0]]), np.array([[3.0]]), np.array([[5.0]]), loss=mean_squared_error)
    assert found.loss == 1  # (2 * 3 - 5)^2
    assert found.by_activation["input"].tolist() == [[4]]  # 2 (6 - 5) by the output, times 2
    assert found.gradients["0.linear.weight"].tolist() == [[6]]


def test_the_text_has_names_and_shapes():
    lines = repr(trace(xor_network(), CORNERS, XOR)).splitlines()
    assert lines[0].startswith("<Passes: loss 0.")
    assert (
        lines[1] == "  activations: input (4, 2), 0.linear (4, 2), 1.relu (4, 2), 2.linear (4, 2)"
    )
    assert "2.linear.bias (2,)" in lines[2]
