"""What stands between the layers of every network: normalisation, activation, dropout."""

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
class Parts:
    """The choices that all networks share.

    Attributes:
        norm: "none", "batch", "layer" or "group".
        activation: a name of `ACTIVATIONS`.
        dropout: share of numbers dropped before linear layers.
    """

    norm: str
    activation: str
    dropout: float

    def normalised(self, channels: int) -> list[nn.Module]:
        """Return what normalises a map of channels: one layer, or none."""
        return [] if self.norm == "none" else [normalisation(self.norm, channels)]

    def activated(self, channels: int) -> list[nn.Module]:
        """Return normalisation, if any, and activation."""
        return [*self.normalised(channels), self.activate()]

    def activate(self) -> nn.Module:
        """Return a new activation."""
        return ACTIVATIONS[self.activation]()

    def drop(self) -> nn.Module:
        """Return a dropout; one of share 0 lets everything through."""
        return nn.Dropout(self.dropout)


def chained(features: nn.Module, pool: nn.Module, classifier: nn.Module) -> nn.Sequential:
    """Return a network of the parts that AlexNet and VGG have, named as in torchvision."""
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
    """Return a share of a number of channels, at least 8, as a multiple of 8."""
    return max(8 * round(channels * width / 8), 8)
