"""Blocks that all networks share: normalisation, activation, dropout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from nntasks.training.norms import normalisation

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky_relu": lambda: nn.LeakyReLU(0.1, inplace=True),
    "elu": lambda: nn.ELU(inplace=True),
    "gelu": nn.GELU,
    "silu": lambda: nn.SiLU(inplace=True),
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


@dataclass(frozen=True)
class BlockFactory:
    """Builds the normalisation, activation and dropout that a configuration chooses.

    Attributes:
        norm: "none", "batch", "layer" or "group".
        activation: a name of `ACTIVATIONS`.
        dropout: dropout probability before linear layers.
    """

    norm: str
    activation: str
    dropout: float

    def norm_layers(self, channels: int) -> list[nn.Module]:
        """Return the normalisation layer of a feature map, or nothing."""
        return [] if self.norm == "none" else [normalisation(self.norm, channels)]

    def norm_and_activation(self, channels: int) -> list[nn.Module]:
        """Return the normalisation layer, if any, and the activation."""
        return [*self.norm_layers(channels), self.activation_layer()]

    def activation_layer(self) -> nn.Module:
        """Return a new activation layer."""
        return ACTIVATIONS[self.activation]()

    def dropout_layer(self) -> nn.Module:
        """Return a dropout layer; with probability 0 it is the identity."""
        return nn.Dropout(self.dropout)


def chained(features: nn.Module, pool: nn.Module, classifier: nn.Module) -> nn.Sequential:
    """Return a network in the layout of AlexNet and VGG, with torchvision's names."""
    network = nn.Sequential()
    for name, part in (
        ("features", features),
        ("avgpool", pool),
        ("flatten", nn.Flatten()),
        ("classifier", classifier),
    ):
        network.add_module(name, part)
    return network


def scaled(channels: int, width: float) -> int:
    """Return a fraction of a number of channels, rounded to a multiple of 8, at least 8."""
    return max(8 * round(channels * width / 8), 8)
