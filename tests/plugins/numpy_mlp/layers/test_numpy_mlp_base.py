"""What all layers share: initial values, the list of saved arrays, the text."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.layers.base import Context, Layer, as_floats
from nntasks.plugins.numpy_mlp.layers.linear import Linear
from nntasks.plugins.numpy_mlp.layers.normalization import BatchNorm


class TestAsFloats:
    def test_an_array_of_floats_is_taken_without_a_copy(self):
        for dtype in ("float32", "float64"):
            values = np.ones((2, 3), dtype)
            assert as_floats("Linear: weight", values, 2) is values

    @pytest.mark.parametrize("values", [[[1, 2]], np.array([[1, 2]], np.uint8), [[True, False]]])
    def test_whole_numbers_become_doubles(self, values):
        assert as_floats("Linear: weight", values, 2).dtype == np.float64

    @pytest.mark.parametrize(
        ("values", "got"),
        [([1.0, 2.0], r"float64 \(2,\)"), ([["a"]], r"<U1 \(1, 1\)"), ([[1j]], "complex128")],
    )
    def test_others_are_one_line(self, values, got):
        message = f"Linear: weight: expected an array of numbers with 2 dimensions, got {got}"
        with pytest.raises(UsageError, match=message) as caught:
            as_floats("Linear: weight", values, 2)
        assert "\n" not in str(caught.value)


def test_contexts_start_the_same_stream_each():
    first, second = Context(), Context()
    assert not first.training
    assert first.rng is not second.rng
    assert first.rng.random(3).tolist() == second.rng.random(3).tolist()


def test_state_has_parameters_then_buffers_and_the_place_to_write_to():
    layer = BatchNorm(2)
    found = dict(layer.state())
    assert list(found) == ["scale", "shift", "mean", "variance"]
    found["mean"]["mean"] = np.full(2, 7.0)
    assert layer.buffers["mean"].tolist() == [7, 7]


def test_the_text_names_the_shapes_of_the_parameters():
    assert repr(Linear(np.ones((2, 3)))) == "<Linear: weight (2, 3), bias (3,)>"
    assert repr(Layer()) == "<Layer>"


def test_two_layers_share_no_dictionary():
    first, second = Layer(), Layer()
    first.parameters["weight"] = first.buffers["mean"] = first.gradients["weight"] = np.ones(1)
    assert (second.parameters, second.buffers, second.gradients) == ({}, {}, {})
