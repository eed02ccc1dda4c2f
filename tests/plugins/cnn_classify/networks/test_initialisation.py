"""Initialisation: deviations, and orthogonal rows."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from nntasks.plugins.cnn_classify.networks.initialisation import initialise


class TestInitialisation:
    @pytest.mark.parametrize(
        ("kind", "deviation"),
        [
            ("zeros", 0.0),
            ("normal", 0.01),
            ("xavier", math.sqrt(2 / (900 + 1800))),
            ("he", math.sqrt(2 / 900)),
        ],
    )
    def test_deviations(self, kind, deviation):
        torch.manual_seed(0)
        layer = nn.Conv2d(100, 200, 3)
        initialise(layer, kind)
        assert float(layer.weight.detach().std()) == pytest.approx(deviation, rel=0.01)
        assert not layer.bias.any()

    def test_orthogonal_rows(self):
        layer = nn.Linear(40, 10)
        initialise(layer, "orthogonal")
        assert torch.allclose(layer.weight @ layer.weight.T, torch.eye(10), atol=1e-5)
