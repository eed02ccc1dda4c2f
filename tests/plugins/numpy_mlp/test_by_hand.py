"""The network layer by layer, as a user writes it in a notebook."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from command_line import ROOT

from nntasks.errors import UsageError
from nntasks.plugins import numpy_mlp
from nntasks.plugins.numpy_mlp import (
    Adam,
    BatchNorm,
    Context,
    Convolution,
    Dropout,
    Linear,
    Network,
    Relu,
    Sgd,
    Tanh,
    check_gradients,
    cross_entropy,
    mean_squared_error,
    softmax,
    trace,
)

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])


def xor_network():
    """Return the textbook's solution: two hidden units count the ones, the output is h1 - 2 h2."""
    return Network(
        [
            Linear([[1, 1], [1, 1]], bias=[0, -1]),
            Relu(),
            Linear([[0, 1], [0, -2]], bias=[0.5, 0]),
        ]
    )


def small_network(seed=0):
    rng = np.random.default_rng(seed)
    return Network([Linear.drawn(2, 8, rng), BatchNorm(8), Tanh(), Linear.drawn(8, 2, rng)])


def test_names_are_loaded_on_use_and_without_torch():
    code = (
        "import sys\nimport nntasks.plugins.numpy_mlp as n\nprint('numpy' in sys.modules)\n"
        "n.Linear\nprint('numpy' in sys.modules, 'torch' in sys.modules)\n"
        "print([name for name in n.__all__ if not hasattr(n, name)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines() == ["False", "True False", "[]"]
    with pytest.raises(AttributeError, match="no attribute 'Linearr'"):
        numpy_mlp.Linearr  # noqa: B018


def test_weights_of_xor_set_by_hand():
    network = xor_network()
    logits = network.forward(CORNERS)
    assert logits.tolist() == [[0.5, 0], [0.5, 1], [0.5, 1], [0.5, 0]]
    assert softmax(logits).argmax(axis=1).tolist() == XOR.tolist()
    assert "0.linear: <Linear: weight (2, 2), bias (2,)>" in repr(network)


def test_a_layer_alone():
    layer = Linear([[1.0, 2.0], [3.0, 4.0]], bias=[10.0, 20.0])
    assert layer.forward(np.array([[1.0, 1.0]])).tolist() == [[14, 26]]
    assert layer.backward(np.array([[1.0, 0.5]])).tolist() == [[2.0, 5.0]]
    assert layer.gradients["weight"].tolist() == [[1.0, 0.5], [1.0, 0.5]]
    assert layer.gradients["bias"].tolist() == [1.0, 0.5]


@pytest.mark.parametrize("make", [lambda n: Sgd(n, momentum=0.9), Adam], ids=["sgd", "adam"])
def test_training_by_hand_learns_xor(make):
    network = small_network()
    optimizer = make(network)
    for _ in range(200):
        loss, gradient = cross_entropy(network.forward(CORNERS, Context(training=True)), XOR)
        network.backward(gradient)
        optimizer.step(0.05)
    assert loss < 0.05
    assert network.forward(CORNERS, Context(training=True)).argmax(axis=1).tolist() == XOR.tolist()


class TestCheckGradients:
    def test_a_network_keeps_its_weights_and_statistics(self):
        network = small_network()
        before = {name: array.copy() for name, array in network.state().items()}
        checks = check_gradients(network, CORNERS, XOR)
        assert checks.passed
        assert [check.name for check in checks][:3] == [
            "input",
            "0.linear.weight",
            "0.linear.bias",
        ]
        assert all(np.array_equal(before[k], v) for k, v in network.state().items())

    def test_the_worst_entry_is_named(self):
        class Wrong(Linear):
            def backward(self, gradient):
                back = super().backward(gradient)
                self.gradients["weight"][2, 1] += 0.5
                return back

        layer = Wrong(np.random.default_rng(0).standard_normal((4, 3)))
        checks = check_gradients(layer, np.ones((5, 4)))
        assert [check.passed for check in checks] == [True, False, True]
        worst = checks.worst
        assert (worst.name, worst.index) == ("0.wrong.weight", (2, 1))
        assert worst.backward - worst.numeric == pytest.approx(0.5, abs=1e-6)
        assert "WRONG: 0.wrong.weight" in str(checks)
        assert "at [2, 1]" in str(checks)

    def test_nan_is_the_worst(self):
        class Broken(Linear):
            def backward(self, gradient):
                back = super().backward(gradient)
                self.gradients["bias"][1] = np.nan
                return back

        checks = check_gradients(Broken(np.ones((2, 3))), CORNERS)
        assert not checks.passed
        assert (checks.worst.name, checks.worst.index) == ("0.broken.bias", (1,))

    def test_another_loss(self):
        network = Network([Linear.drawn(2, 3, np.random.default_rng(1)), Tanh()])
        targets = np.random.default_rng(2).standard_normal((4, 3))
        assert check_gradients(network, CORNERS, targets, loss=mean_squared_error).passed

    def test_single_layers_with_dropout(self):
        assert check_gradients(Dropout(0.4), np.ones((6, 5))).passed

    def test_a_gradient_of_another_shape_is_one_line(self):
        class Summed(Linear):
            def backward(self, gradient):
                back = super().backward(gradient)
                self.gradients["bias"] = gradient.sum(axis=1)
                return back

        with pytest.raises(UsageError, match=r"a gradient \(3,\) by 0.summed.bias, got \(4,\)"):
            check_gradients(Summed(np.ones((2, 3))), CORNERS)

    def test_single_precision_is_refused(self):
        layer = Linear.drawn(2, 3, np.random.default_rng(0), dtype="float32")
        with pytest.raises(UsageError, match="expected parameters in float64, got float32"):
            check_gradients(layer, CORNERS)


class TestTrace:
    def test_arrays_of_every_layer_by_name(self):
        network = xor_network()
        found = trace(network, CORNERS, XOR)
        assert list(found.activations) == ["input", "0.linear", "1.relu", "2.linear"]
        assert found.activations["1.relu"].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
        assert found.loss == cross_entropy(network.forward(CORNERS), XOR)[0]
        for name, array in found.activations.items():
            assert found.by_activation[name].shape == array.shape
        by_logits = (softmax(found.activations["2.linear"]) - np.eye(2)[XOR]) / 4
        assert np.allclose(found.by_activation["2.linear"], by_logits, atol=1e-15)
        by_weight = found.activations["1.relu"].T @ by_logits
        assert np.allclose(found.gradients["2.linear.weight"], by_weight, atol=1e-15)

    def test_nothing_of_the_network_changes_and_the_arrays_stay(self):
        network = small_network()
        before = {name: array.copy() for name, array in network.state().items()}
        found = trace(network, CORNERS, XOR, context=Context(training=True))
        kept = found.gradients["0.linear.weight"].copy()
        trace(network, 3 * CORNERS, XOR)
        assert np.array_equal(kept, found.gradients["0.linear.weight"])
        assert all(np.array_equal(before[k], v) for k, v in network.state().items())


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
            lambda: Convolution(np.ones((1, 3, 3, 3))).forward(np.ones((1, 8, 8, 3))),
            r"expected pictures \(N, 3, H, W\), got \(1, 8, 8, 3\)",
        ),
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([0, 3])),
            r"expected labels in 0..2, got 0 to 3",
        ),
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([0.0, 1.0])),
            r"N whole numbers, got \(2, 3\) and float64",
        ),
        (
            lambda: mean_squared_error(np.ones((2, 1)), np.ones(2)),
            r"expected targets \(2, 1\) like the outputs, got \(2,\)",
        ),
    ],
)
def test_wrong_shapes_are_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
