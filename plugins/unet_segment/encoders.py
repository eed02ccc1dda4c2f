"""Pretrained encoders: torchvision networks without their last layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from nntasks.errors import MissingError
from nntasks.plugins.unet_segment.network import Encoder
from nntasks.training.weight_files import read_weights
from nntasks.training.weight_fitting import fitted

STEPS = (256, 128, 64, 32, 16)  # decoder channels


class ResNetEncoder(Encoder):
    """ResNet-18 or -34 from the first convolution to the last block."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.fc = nn.Identity()
        self.network = network
        self.channels, self.stride = [64, 64, 128, 256, 512], 32

    def stages(self) -> list[list[nn.Module]]:
        n: Any = self.network
        return [[n.conv1, n.bn1, n.relu], [n.maxpool, n.layer1], [n.layer2], [n.layer3], [n.layer4]]


class MobileNetEncoder(Encoder):
    """MobileNetV3-large; maps are taken before each downsampling layer."""

    _LAST = (1, 3, 6, 12, 16)  # the last layer of each stage

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.classifier = nn.Identity()
        self.network = network
        self.channels, self.stride = [16, 24, 40, 112, 960], 32

    def stages(self) -> list[list[nn.Module]]:
        features: Any = self.network.features
        ends = [last + 1 for last in self._LAST]
        return [list(features[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


_KINDS: dict[str, tuple[str, Callable[[nn.Module], Encoder]]] = {
    "resnet18": ("resnet18", ResNetEncoder),
    "resnet34": ("resnet34", ResNetEncoder),
    "mobilenet_v3": ("mobilenet_v3_large", MobileNetEncoder),
}


def encoder(kind: str, weights: Path | None) -> Encoder:
    """Build an encoder for colour pictures.

    Args:
        kind: "resnet18", "resnet34" or "mobilenet_v3".
        weights: a file of the whole network's weights, as torchvision publishes them; None for
            weights drawn from torch's global generator.

    Raises:
        MissingError: torchvision is not installed.
        UsageError: the weights belong to another network.
    """
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:  # RuntimeError: built for another torch
        raise MissingError(f"torchvision: {error}; pip install torchvision") from error
    name, wrap = _KINDS[kind]
    down = wrap(models.get_model(name, weights=None))
    if weights is not None:
        network: nn.Module = down.network  # type: ignore[assignment]
        own = network.state_dict()
        found = {
            k: v
            for k, v in read_weights(weights)[0].items()
            if not k.startswith(("fc.", "classifier."))
        }
        source = f"encoder_weights={weights}"
        network.load_state_dict(fitted(own, found, source, f"is not of {name}"))
    return down
