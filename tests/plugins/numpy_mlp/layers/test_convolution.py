"""Convolution and max pooling: central differences, PyTorch, and our own kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from layer_checks import PICTURES, compare_with_torch, drawn, wrong_gradients
from torch import nn

from nntasks import ops
from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.convolution import Convolution, MaxPooling, col2im, im2col
from nntasks.plugins.numpy_mlp.layers.linear import Flatten, Linear


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

    def test_the_one_is_the_transpose_of_the_other(self):
        columns, _ = im2col(PICTURES, 3, 2, 1)
        other = drawn(*columns.shape, seed=4)
        back = col2im(other, PICTURES.shape, 3, 2, 1)
        assert (columns * other).sum() == pytest.approx((PICTURES * back).sum(), abs=1e-11)


class TestConvolution:
    def test_gradients_against_central_differences(self):
        layers = (Convolution(drawn(3, 2, 3, 3), 2, 1), Flatten(), Linear(drawn(36, 4)))
        assert wrong_gradients(*layers, x=PICTURES) == {}

    def test_against_torch(self):
        ours = Convolution(drawn(4, 2, 3, 3), stride=2, padding=1)
        ours.parameters["bias"] = drawn(4, seed=1)
        theirs = nn.Conv2d(2, 4, 3, 2, 1, dtype=torch.float64)
        theirs.load_state_dict({k: torch.from_numpy(v) for k, v in ours.parameters.items()})
        compare_with_torch(ours, theirs, PICTURES)
        assert np.allclose(ours.gradients["weight"], theirs.weight.grad.numpy(), atol=1e-11)
        assert np.allclose(ours.gradients["bias"], theirs.bias.grad.numpy(), atol=1e-11)

    def test_by_hand(self):
        layer = Convolution([[[[1, 0], [0, -1]]]])
        layer.parameters["bias"][:] = 10
        picture = np.arange(9.0).reshape(1, 1, 3, 3)
        assert layer.forward(picture)[0, 0].tolist() == [[6, 6], [6, 6]]  # x - (x + 4) + 10

    def test_drawn_keeps_the_size_of_the_signal(self):
        layer = Convolution.drawn(8, 16, 5, np.random.default_rng(0), "he", "float32", padding=2)
        weight = layer.parameters["weight"]
        assert (weight.shape, weight.dtype) == ((16, 8, 5, 5), np.float32)
        assert weight.std() == pytest.approx(np.sqrt(2 / (8 * 25)), rel=0.05)
        assert layer.forward(np.zeros((1, 8, 7, 9), np.float32)).shape == (1, 16, 7, 9)

    @pytest.mark.parametrize("shape", [(1, 8, 8, 3), (3, 8, 8)])
    def test_other_pictures_are_one_line(self, shape):
        expected = r"expected pictures \(N, 3, H, W\), got \(" + ", ".join(map(str, shape))
        with pytest.raises(UsageError, match=expected):
            Convolution(np.ones((1, 3, 3, 3))).forward(np.ones(shape))


class TestMaxPooling:
    def test_gradients_against_central_differences(self):
        assert wrong_gradients(MaxPooling(2), Flatten(), Linear(drawn(18, 4)), x=PICTURES) == {}

    def test_against_torch_with_sides_that_do_not_divide(self):
        compare_with_torch(MaxPooling(2), nn.MaxPool2d(2), PICTURES)

    def test_of_equal_maxima_the_first_gets_the_gradient(self):
        layer = MaxPooling(2)
        assert layer.forward(np.full((1, 1, 2, 2), 3.0)).tolist() == [[[[3.0]]]]
        assert layer.backward(np.array([[[[5.0]]]])).tolist() == [[[[5.0, 0], [0, 0]]]]
