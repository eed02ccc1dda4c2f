"""Models for the tests of explanations."""

from __future__ import annotations

import pytest
import torch

from nntasks.interfaces import DataInfo
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.model import build
from nntasks.seeding import Seeds

INFO = DataInfo(("background", "object"), (64, 64, 3))


@pytest.fixture(scope="session")
def make_model():
    """Return a function that builds a model, with statistics that no layer starts with."""

    def made(**keys):
        model = build(UnetConfig(**{"width": 4, "depth": 2, **keys}), INFO, Seeds(0))
        model.module.standardise([90.0, 100.0, 110.0], [50.0, 60.0, 70.0])
        generator = torch.Generator().manual_seed(1)
        for layer in model.module.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_mean += 0.2 * torch.randn(layer.num_features, generator=generator)
                layer.running_var *= 0.5 + torch.rand(layer.num_features, generator=generator)
        return model

    return made


@pytest.fixture(scope="session")
def make_network(make_model):
    """Return a function that builds a network in float64, for predictions."""
    return lambda **keys: make_model(**keys).module.network.double().eval()
