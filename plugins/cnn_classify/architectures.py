"""The models by name: their defaults and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field
from torch import nn

from nntasks.config import Options
from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.cnn_classify.config import CnnConfig
from nntasks.plugins.cnn_classify.model import Adapted, PictureClassifier
from nntasks.plugins.cnn_classify.networks import alexnet, lenet, resnet, vgg
from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory
from nntasks.plugins.cnn_classify.networks.initialisation import initialise
from nntasks.plugins.cnn_classify.networks.torchvision_networks import (
    exchange_layers,
    torchvision_network,
)
from nntasks.seeding import Seeds


class WidthOptions(Options):
    """Options of a network of variable width."""

    width: float = Field(
        1.0, gt=0, le=4, description="channels and units, as a fraction of the published ones"
    )


class SmallWidthOptions(WidthOptions):
    """Options of the small AlexNet."""

    width: float = Field(
        0.5, gt=0, le=4, description="channels and units, as a fraction of AlexNet's"
    )


class ResNetOptions(WidthOptions):
    """Options of a ResNet: width and stem."""

    stem: Literal["auto", "small", "large"] = Field(
        "auto",
        description="stem: large halves pictures twice, small never; auto is small below 64 pixels",
    )


class TorchvisionOptions(Options):
    """Options of `model=torchvision`."""

    name: str = Field("resnet18", description="a name from torchvision.models.list_models")
    size: int | None = Field(
        None,
        ge=8,
        le=4096,
        description="side that pictures are scaled to, in pixels; none to keep the data's size",
    )


Maker = Callable[[BlockFactory, DataInfo, Any], nn.Module]


@dataclass(frozen=True)
class Architecture:
    """One of our own networks; called as a model entry.

    Attributes:
        make: function that builds the network.
        Config: the options that `make` reads.
        norm: the meaning of norm=auto.
        dropout: the meaning of dropout=none.
        least: side of the smallest pictures that it accepts, in pixels.
    """

    make: Maker
    Config: type[Options]
    norm: str = "none"
    dropout: float = 0.0
    least: int = 1

    def __call__(
        self, config: CnnConfig, info: DataInfo, seeds: Seeds, options: Options
    ) -> PictureClassifier:
        check_pictures(info)
        if min(info.input_shape[:2]) < self.least:
            raise UsageError(
                f"model={config.model}: expected pictures of {self.least} x {self.least} pixels or "
                f"more, got {info.input_shape[1]} x {info.input_shape[0]}; try model=alexnet_small"
            )
        factory = BlockFactory(
            self.norm if config.norm == "auto" else config.norm,
            "relu" if config.activation == "auto" else config.activation,
            self.dropout if config.dropout is None else config.dropout,
        )
        network = drawn(lambda: self.make(factory, info, options), config, seeds)
        return PictureClassifier(network, config, info, seeds)


def check_pictures(info: DataInfo) -> None:
    """Refuse data that are not pictures.

    Raises:
        UsageError: the inputs are something else.
    """
    if len(info.input_shape) != 3 or info.input_shape[-1] not in (1, 3):
        raise UsageError(
            "expected pictures of one size, (height, width, 1 or 3), got "
            f"{info.input_shape or 'several sizes'}"
        )


def drawn(make: Callable[[], nn.Module], config: CnnConfig, seeds: Seeds) -> nn.Module:
    """Build a network with weights from the stream "init"."""
    with seeds.torch_global("init"):
        network = make()
        if config.init != "auto":
            initialise(network, config.init)
    return network


def _resnet(depth: int) -> Maker:
    def make(factory: BlockFactory, info: DataInfo, options: ResNetOptions) -> nn.Module:
        stem = options.stem
        if stem == "auto":
            stem = "small" if _side(info) < resnet.SMALL else "large"
        return resnet.ResNet(factory, depth, *_ends(info), stem, options.width)

    return make


def _ends(info: DataInfo) -> tuple[int, int]:
    return info.input_shape[-1], len(info.classes)


def _side(info: DataInfo) -> int:
    return min(info.input_shape[:2])


LENET = Architecture(
    lambda factory, info, options: lenet.lenet(factory, *_ends(info), *info.input_shape[:2]),
    Options,
    least=lenet.LEAST_SIDE,
)
ALEXNET = Architecture(
    lambda factory, info, options: alexnet.alexnet(factory, *_ends(info)),
    Options,
    dropout=0.5,
    least=alexnet.LEAST_SIDE,
)
ALEXNET_SMALL = Architecture(
    lambda factory, info, options: alexnet.alexnet_small(
        factory, *_ends(info), _side(info), options.width
    ),
    SmallWidthOptions,
    norm="batch",
)
VGG11 = Architecture(
    lambda factory, info, options: vgg.vgg11(factory, *_ends(info), _side(info), options.width),
    WidthOptions,
    dropout=0.5,
)
RESNET18 = Architecture(_resnet(18), ResNetOptions, norm="batch")
RESNET34 = Architecture(_resnet(34), ResNetOptions, norm="batch")


_COLOURS = 3  # input channels of torchvision's networks


class TorchvisionArchitecture:
    """Builds `model=torchvision model.name=NAME`."""

    Config = TorchvisionOptions

    def __call__(
        self, config: CnnConfig, info: DataInfo, seeds: Seeds, options: TorchvisionOptions
    ) -> PictureClassifier:
        check_pictures(info)

        def make() -> nn.Module:
            network = torchvision_network(options.name, len(info.classes))
            exchange_layers(network, config.norm, config.activation, config.dropout)
            return Adapted(network, _COLOURS, options.size)

        network = drawn(make, config, seeds)
        return PictureClassifier(network, config, info, seeds)


TORCHVISION = TorchvisionArchitecture()
