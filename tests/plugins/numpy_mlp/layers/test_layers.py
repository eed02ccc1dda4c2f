"""Every layer by hand: central differences, PyTorch, and our own kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nntasks import ops
from nntasks.plugins.numpy_mlp.gradients import check_gradients
from nntasks.plugins.numpy_mlp.layers.activations import Relu, Sigmoid, Tanh
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution, MaxPooling, col2im, im2col
from nntasks.plugins.numpy_mlp.layers.dropout import Dropout
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear
from nntasks.plugins.numpy_mlp.layers.normalization import BatchNorm
from nntasks.plugins.numpy_mlp.loss import cross_entropy, softmax
from nntasks.plugins.numpy_mlp.network import Network

F64 = np.dtype("float64")


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def chain(*layers):
    return Network(layers)


POINTS = drawn(6, 5)


PICTURES = drawn(3, 2, 6, 7)


CHAINS = {
    "linear": (lambda: chain(Linear(drawn(5, 4))), POINTS),
    "relu": (lambda: chain(Linear(drawn(5, 4)), Relu(), Linear(drawn(4, 4))), POINTS),
    "sigmoid": (lambda: chain(Linear(drawn(5, 4)), Sigmoid(), Linear(drawn(4, 4))), POINTS),
    "tanh": (lambda: chain(Linear(drawn(5, 4)), Tanh(), Linear(drawn(4, 4))), POINTS),
    "dropout": (lambda: chain(Linear(drawn(5, 9)), Dropout(0.4), Linear(drawn(9, 4))), POINTS),
    "batch norm": (lambda: chain(BatchNorm(5, F64), Linear(drawn(5, 4))), POINTS),
    "batch norm of pictures": (
        lambda: chain(BatchNorm(2, F64), Flatten(), Linear(drawn(84, 4))),
        PICTURES,
    ),
    "convolution": (
        lambda: chain(Convolution(drawn(3, 2, 3, 3), 2, 1), Flatten(), Linear(drawn(36, 4))),
        PICTURES,
    ),
    "max pooling": (lambda: chain(MaxPooling(2), Flatten(), Linear(drawn(18, 4))), PICTURES),
}


@pytest.mark.parametrize("name", CHAINS)
def test_gradients_against_central_differences(name):
    make, x = CHAINS[name]
    checks = check_gradients(make(), x, np.arange(len(x)) % 4)
    assert len(checks) > 1
    assert {check.name: check.error for check in checks if not check.passed} == {}


def test_a_wrong_gradient_is_found():
    class Wrong(Tanh):
        def backward(self, gradient):
            return gradient * (1 - self._y)

    network = chain(Linear(drawn(5, 4)), Wrong(), Linear(drawn(4, 4)))
    checks = {
        check.name: check.passed for check in check_gradients(network, POINTS, np.arange(6) % 4)
    }
    assert checks == {
        "input": False,
        "0.linear.weight": False,
        "0.linear.bias": False,
        "2.linear.weight": True,
        "2.linear.bias": True,
    }


class TestColumns:
    @pytest.mark.parametrize("window", [(3, 1, 0), (3, 1, 1), (2, 2, 0), (5, 3, 2), (1, 1, 0)])
    def test_equal_those_of_the_kernels(self, window):
        size, stride, padding = window
        columns, place = im2col(PICTURES, size, stride, padding)
        expected = ops.im2col(torch.from_numpy(PICTURES), size, stride, padding)
        assert np.array_equal(columns, expected.numpy())
        assert columns.shape[2] == place[0] * place[1]
        back = col2im(columns, PICTURES.shape, size, stride, padding)
        expected = ops.col2im(torch.tensor(columns), PICTURES.shape[2:], size, stride, padding)
        assert np.allclose(back, expected.numpy(), rtol=0, atol=1e-13)


class TestAgainstTorch:
    def compare(self, ours, theirs, x):
        """Compare output, gradient by input and gradients by parameters."""
        leaf = torch.from_numpy(x).requires_grad_()
        expected = theirs(leaf)
        found = ours.forward(x, Context(training=True))
        assert np.allclose(found, expected.detach().numpy(), rtol=0, atol=1e-12)
        back = drawn(*found.shape, seed=9)
        expected.backward(torch.from_numpy(back))
        assert np.allclose(ours.backward(back), leaf.grad.numpy(), rtol=0, atol=1e-11)

    def test_convolution(self):
        ours = Convolution(drawn(4, 2, 3, 3), stride=2, padding=1)
        theirs = nn.Conv2d(2, 4, 3, 2, 1, dtype=torch.float64)
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.parameters.items()})
        self.compare(ours, theirs, PICTURES)
        assert np.allclose(ours.gradients["weight"], theirs.weight.grad.numpy(), atol=1e-11)
        assert np.allclose(ours.gradients["bias"], theirs.bias.grad.numpy(), atol=1e-11)

    def test_max_pooling_with_sides_that_do_not_divide(self):
        self.compare(MaxPooling(2), nn.MaxPool2d(2), PICTURES)

    @pytest.mark.parametrize("x", [POINTS, PICTURES], ids=["points", "pictures"])
    def test_batch_norm_and_its_running_statistics(self, x):
        ours = BatchNorm(x.shape[1], F64)
        theirs = (nn.BatchNorm1d if x.ndim == 2 else nn.BatchNorm2d)(
            x.shape[1], dtype=torch.float64
        )
        for _ in range(3):
            self.compare(ours, theirs, x)
        assert np.allclose(ours.buffers["mean"], theirs.running_mean.numpy(), atol=1e-13)
        assert np.allclose(ours.buffers["variance"], theirs.running_var.numpy(), atol=1e-13)
        found = ours.forward(x, Context(training=False))
        assert np.allclose(found, theirs.eval()(torch.from_numpy(x)).detach().numpy(), atol=1e-12)

    def test_cross_entropy(self):
        logits, labels = 9 * drawn(7, 4), np.arange(7) % 4
        leaf = torch.from_numpy(logits).requires_grad_()
        expected = F.cross_entropy(leaf, torch.from_numpy(labels))
        expected.backward()
        loss, gradient = cross_entropy(logits, labels)
        assert loss == pytest.approx(float(expected.detach()), abs=1e-13)
        assert np.allclose(gradient, leaf.grad.numpy(), rtol=0, atol=1e-14)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_huge_logits_overflow_nowhere(self, dtype):
        logits = np.array([[1e4, -1e4, 0.0]], dtype=dtype)
        with np.errstate(over="raise", invalid="raise"):
            assert softmax(logits).tolist() == [[1.0, 0.0, 0.0]]
            assert cross_entropy(logits, np.array([1]))[0] == pytest.approx(2e4)
            assert np.isfinite(Sigmoid().forward(logits, Context())).all()


def test_feedback_alignment_goes_back_through_a_fixed_matrix():
    back = drawn(4, 5, seed=3)
    layer = Linear(drawn(5, 4), feedback=back)
    layer.forward(POINTS, Context())
    gradient = drawn(6, 4)
    assert np.array_equal(layer.backward(gradient), gradient @ back)
    assert "feedback" in dict(layer.state())
