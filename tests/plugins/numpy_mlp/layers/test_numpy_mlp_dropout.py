"""Dropout: the mean stays, and afterwards nothing is dropped."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.layers.dropout import Dropout


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


POINTS = drawn(6, 5)


class TestDropout:
    def test_the_mean_stays_and_the_share_is_right(self):
        layer = Dropout(0.3)
        y = layer.forward(np.ones((500, 400), np.float32), Context(True, np.random.default_rng(0)))
        assert y.dtype == np.float32
        assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)
        assert y.mean() == pytest.approx(1, abs=0.01)

    def test_afterwards_nothing_is_dropped(self):
        assert Dropout(0.3).forward(POINTS, Context()) is POINTS
