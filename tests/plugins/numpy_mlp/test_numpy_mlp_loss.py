"""Losses: their values, their gradients, extreme and wrong inputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from layer_checks import drawn
from torch.nn import functional as F

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.loss import cross_entropy, mean_squared_error, softmax


class TestSoftmax:
    def test_by_hand_and_without_regard_to_a_shift(self):
        logits = np.log([[1.0, 3.0], [4.0, 4.0]])
        assert np.allclose(softmax(logits), [[0.25, 0.75], [0.5, 0.5]], rtol=0, atol=1e-15)
        assert np.allclose(softmax(logits + 700), softmax(logits), rtol=0, atol=1e-12)

    def test_each_row_sums_to_one_and_the_input_stays(self):
        logits = 9 * drawn(7, 4)
        kept = logits.copy()
        assert softmax(logits).sum(axis=1) == pytest.approx(np.ones(7), abs=1e-14)
        assert np.array_equal(logits, kept)


class TestCrossEntropy:
    def test_against_torch(self):
        logits, labels = 9 * drawn(7, 4), np.arange(7) % 4
        leaf = torch.from_numpy(logits).requires_grad_()
        expected = F.cross_entropy(leaf, torch.from_numpy(labels))
        expected.backward()
        loss, gradient = cross_entropy(logits, labels)
        assert loss == pytest.approx(float(expected.detach()), abs=1e-13)
        assert np.allclose(gradient, leaf.grad.numpy(), rtol=0, atol=1e-14)

    def test_equal_logits_lose_the_logarithm_of_the_classes(self):
        loss, gradient = cross_entropy(np.zeros((2, 4)), np.array([1, 2]))
        assert loss == pytest.approx(np.log(4), abs=1e-15)
        assert gradient.tolist() == [[0.125, -0.375, 0.125, 0.125], [0.125, 0.125, -0.375, 0.125]]

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_huge_logits_overflow_nowhere(self, dtype):
        logits = np.array([[1e4, -1e4, 0.0]], dtype=dtype)
        with np.errstate(over="raise", invalid="raise"):
            assert softmax(logits).tolist() == [[1.0, 0.0, 0.0]]
            loss, gradient = cross_entropy(logits, np.array([1]))
        assert loss == pytest.approx(2e4)
        assert gradient.tolist() == [[1, -1, 0]]
        assert gradient.dtype == dtype


class TestMeanSquaredError:
    def test_by_hand(self):
        loss, gradient = mean_squared_error(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]]))
        assert loss == 2.5
        assert gradient.tolist() == [[1, -2]]

    def test_no_error_no_gradient(self):
        loss, gradient = mean_squared_error(drawn(3, 2), drawn(3, 2))
        assert (loss, gradient.any()) == (0, False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([0, 3])),
            r"expected labels in 0..2, got 0 to 3",
        ),
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([-1, 2])),
            r"expected labels in 0..2, got -1 to 2",
        ),
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([0.0, 1.0])),
            r"N whole numbers, got \(2, 3\) and float64",
        ),
        (
            lambda: cross_entropy(np.ones((2, 3)), np.array([0, 1, 2])),
            r"got \(2, 3\) and int64 \(3,\)",
        ),
        (
            lambda: mean_squared_error(np.ones((2, 1)), np.ones(2)),
            r"expected targets \(2, 1\) like the outputs, got \(2,\)",
        ),
    ],
)
def test_wrong_shapes_and_labels_are_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
