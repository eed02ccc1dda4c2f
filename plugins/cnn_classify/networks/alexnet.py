"""AlexNet, and a variant of it for small pictures.

A. Krizhevsky, "One weird trick for parallelizing convolutional neural networks", arXiv:1404.5997,
describes the single-tower version of the 2012 network that is in use today.
"""

from __future__ import annotations

from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory, chained, scaled

LEAST_SIDE = 63  # pixels; smaller maps would vanish in a pooling
_LEAST_POOLED = 8  # side of the smallest map that is halved


def alexnet(factory: BlockFactory, channels: int, classes: int) -> nn.Sequential:
    """Build AlexNet for pictures of 63 x 63 pixels or more (published for 224 x 224)."""
    features = nn.Sequential(
        nn.Conv2d(channels, 64, 11, stride=4, padding=2),
        *factory.norm_and_activation(64),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2),
        *factory.norm_and_activation(192),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1),
        *factory.norm_and_activation(384),
        nn.Conv2d(384, 256, 3, padding=1),
        *factory.norm_and_activation(256),
        nn.Conv2d(256, 256, 3, padding=1),
        *factory.norm_and_activation(256),
        nn.MaxPool2d(3, 2),
    )
    classifier = nn.Sequential(
        factory.dropout_layer(),
        nn.Linear(256 * 6 * 6, 4096),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(4096, 4096),
        factory.activation_layer(),
        nn.Linear(4096, classes),
    )
    return chained(features, nn.AdaptiveAvgPool2d(6), classifier)


def alexnet_small(
    factory: BlockFactory, channels: int, classes: int, side: int, width: float
) -> nn.Sequential:
    """Build AlexNet with windows of 3 x 3 pixels that halves only maps of 8 x 8 or more.

    Args:
        factory: normalisation, activation and dropout.
        channels: of the pictures.
        classes: number of classes.
        side: shorter side of the pictures, in pixels.
        width: channels and units, as a fraction of AlexNet's.
    """
    layers: list[nn.Module] = []
    for number, full in enumerate((64, 192, 384, 256, 256)):
        size = scaled(full, width)
        layers += [nn.Conv2d(channels, size, 3, padding=1), *factory.norm_and_activation(size)]
        if number in (0, 1, 4) and side >= _LEAST_POOLED:
            layers.append(nn.MaxPool2d(2))
            side //= 2
        channels = size
    units = scaled(1024, width)
    pooled = min(side, 4)
    classifier = nn.Sequential(
        factory.dropout_layer(),
        nn.Linear(channels * pooled * pooled, units),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(units, classes),
    )
    return chained(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(pooled), classifier)
