"""Initial weights: their deviation, their type, their source."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.numpy_mlp.initialisation import initial

SHAPE = (200, 50)


def weights(kind, dtype="float64", seed=0):
    return initial(kind, SHAPE, 200, 50, np.random.default_rng(seed), np.dtype(dtype))


@pytest.mark.parametrize(
    ("kind", "variance"), [("normal", 1e-4), ("xavier", 2 / 250), ("he", 2 / 200)]
)
def test_mean_and_variance(kind, variance):
    found = weights(kind)
    assert found.shape == SHAPE
    assert found.mean() == pytest.approx(0, abs=4 * np.sqrt(variance / found.size))
    assert found.var() == pytest.approx(variance, rel=0.05)


def test_zeros_are_zeros():
    assert not weights("zeros").any()


def test_kinds_differ_by_their_deviation_alone():
    assert np.allclose(weights("he") / np.sqrt(2 / 200), weights("normal") / 0.01, rtol=1e-12)


def test_the_dtype_is_the_one_asked_and_rounds_the_same_numbers():
    single = weights("he", "float32")
    assert single.dtype == np.float32
    assert np.array_equal(single, weights("he").astype(np.float32))


def test_another_stream_gives_other_weights():
    assert not np.isclose(weights("he", seed=0), weights("he", seed=1)).any()
