"""Pretrained encoders: torchvision networks without their last layers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from nntasks.errors import MissingError
from nntasks.training.weight_files import read_weights
from nntasks.training.weight_fitting import fitted

STEPS = (256, 128, 64, 32, 16)  # decoder channels


class ResNetDown(nn.Module):
    """ResNet-18 or -34 from the first convolution to the last block."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.fc = nn.Identity()
        self.network = network
        self.channels, self.stride = [64, 64, 128, 256, 512], 32

    def forward(self, x: Tensor) -> list[Tensor]:
        n: Any = self.network
        maps = [n.relu(n.bn1(n.conv1(x)))]
        maps.append(n.layer1(n.maxpool(maps[0])))
        for layer in (n.layer2, n.layer3, n.layer4):
            maps.append(layer(maps[-1]))
        return maps


class MobileNetDown(nn.Module):
    """MobileNetV3-large; maps are taken before each downsampling layer."""

    _LAST = (1, 3, 6, 12, 16)  # layers followed by a skip connection

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        network.classifier = nn.Identity()
        self.network = network
        self.channels, self.stride = [16, 24, 40, 112, 960], 32

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        features: Any = self.network.features
        for number, layer in enumerate(features):
            x = layer(x)
            if number in self._LAST:
                maps.append(x)
        return maps


_KINDS: dict[str, tuple[str, Callable[[nn.Module], nn.Module]]] = {
    "resnet18": ("resnet18", ResNetDown),
    "resnet34": ("resnet34", ResNetDown),
    "mobilenet_v3": ("mobilenet_v3_large", MobileNetDown),
}


def encoder(kind: str, weights: Path | None) -> nn.Module:
    """Build an encoder for colour pictures, with the interface of `network.Down`.

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
