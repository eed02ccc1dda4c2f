"""Small picture classifiers, and the comparison of a network with torchvision's."""

from __future__ import annotations

import torch
from torch import nn
from torchvision import models

from nntasks.interfaces import DataInfo
from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.plugins.cnn_classify.model import PictureClassifier
from nntasks.seeding import Seeds

INFO = DataInfo(("left", "right", "neither"), (12, 10, 1))


def classifier(*layers: nn.Module, info: DataInfo = INFO, **keys: object) -> PictureClassifier:
    """Return a classifier of layers whose weights are the same in every call."""
    torch.manual_seed(0)
    for layer in layers:
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    return PictureClassifier(nn.Sequential(*layers), CnnConfig(**keys), info, Seeds(0))


def mean_classifier(info: DataInfo = INFO, **keys: object) -> PictureClassifier:
    """Return a network that ends with the mean of each channel and a linear layer."""
    return classifier(
        nn.Conv2d(info.input_shape[-1], 6, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, len(info.classes)),
        info=info,
        **keys,
    )


def assert_like_torchvision(network: nn.Module, name: str, side: int) -> None:
    """Compare outputs for seven classes; the network takes the weights of torchvision's."""
    torch.manual_seed(0)
    theirs = models.get_model(name, weights=None, num_classes=7).eval()
    for part in theirs.modules():  # running statistics that matter
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    network.eval().load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        expected, found = theirs(x), network(x)
    scale = float(expected.abs().max())
    assert scale > 1e-3
    assert torch.allclose(found, expected, rtol=0, atol=1e-5 * scale)
