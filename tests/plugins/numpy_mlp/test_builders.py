"""Which layers a configuration asks for, and which random numbers they start with."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.machine import memory
from nntasks.plugins.numpy_mlp.builders import lenet, mlp
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.seeding import Seeds

DIGITS = DataInfo(tuple("0123456789"), (8, 8, 1))
PICTURES = DataInfo(tuple("abc"), (28, 20, 3))


def kinds(network):
    return [name.partition(".")[2] for name, _ in network.layers]


def built(make=mlp, info=DIGITS, seed=0, **keys):
    return make(NumpyConfig(**keys), info, Seeds(seed))


def test_a_perceptron_has_its_hidden_layers_each_with_norm_activation_and_dropout():
    network = built(hidden_sizes=(12, 6), activation="tanh")
    hidden = ["linear", "batchnorm", "tanh", "dropout"]
    assert kinds(network) == ["flatten", *hidden, *hidden, "linear"]
    shapes = [a.shape for name, a in network.state().items() if name.endswith("linear.weight")]
    assert shapes == [(64, 12), (12, 6), (6, 10)]


def test_without_norm_dropout_or_hidden_layers():
    network = built(hidden_sizes=(4,), batch_norm=False, dropout=0)
    assert kinds(network) == ["flatten", "linear", "relu", "linear"]
    assert kinds(built(hidden_sizes=())) == ["flatten", "linear"]


def test_a_layer_s_weights_do_not_depend_on_the_layers_after_it():
    short, long = built(hidden_sizes=(12,)), built(hidden_sizes=(12, 6))
    assert np.array_equal(short.state()["1.linear.weight"], long.state()["1.linear.weight"])
    other = built(hidden_sizes=(12,), seed=1)
    assert not np.array_equal(short.state()["1.linear.weight"], other.state()["1.linear.weight"])


def test_alignment_adds_a_fixed_matrix_and_leaves_the_weights():
    plain, aligned = built(hidden_sizes=(12,)), built(hidden_sizes=(12,), feedback="alignment")
    extra = set(aligned.state()) - set(plain.state())
    assert extra == {"1.linear.feedback", "5.linear.feedback"}
    assert aligned.state()["1.linear.feedback"].shape == (12, 64)
    assert all(np.array_equal(aligned.state()[name], v) for name, v in plain.state().items())


def test_every_array_has_the_precision_asked():
    for dtype in ("float32", "float64"):
        network = built(feedback="alignment", dtype=dtype)
        assert {array.dtype.name for array in network.state().values()} == {dtype}


@pytest.mark.parametrize("shape", [(12, 12, 1), (28, 20, 3), (33, 32, 1)])
def test_lenet_fits_pictures_of_any_size(shape):
    info = DataInfo(tuple("abc"), shape)
    network = built(lenet, info, batch_norm=False, dropout=0)
    block = ["convolution", "relu", "maxpooling"]
    full = ["linear", "relu", "linear", "relu", "linear"]
    assert kinds(network) == [*block, *block, "flatten", *full]
    height, width, channels = shape
    assert network.forward(np.zeros((2, channels, height, width), np.float32)).shape == (2, 3)


def test_lenet_of_28_pixels_has_the_400_features_of_the_paper():
    network = built(lenet, DataInfo(tuple("0123456789"), (28, 28, 1)))
    assert network.state()["9.linear.weight"].shape == (16 * 5 * 5, 120)


@pytest.mark.parametrize("shape", [(11, 28, 1), (28, 11, 1), (64,)])
def test_lenet_refuses_smaller_pictures_and_points(shape):
    message = r"model=lenet: expected pictures of 12 x 12 pixels or more, got \("
    with pytest.raises(UsageError, match=message):
        built(lenet, DataInfo(("a", "b"), shape))


def test_a_layer_without_units_is_refused():
    with pytest.raises(UsageError, match=r"at least 1 unit per hidden layer, got \(12, 0\)"):
        built(hidden_sizes=(12, 0))


def test_what_no_memory_holds_is_refused_before_it_is_drawn(monkeypatch):
    needed = 4 * (64 * 100 + 100 * 10) * 8  # weights, gradients and two moments, in doubles
    monkeypatch.setattr(memory, "free_memory", lambda: needed - 1)
    with pytest.raises(UsageError, match=r"hidden_sizes=100 needs .*; choose smaller ones"):
        built(hidden_sizes=(100,), dtype="float64")
    built(hidden_sizes=(100,), dtype="float32")
