"""VGG-11: a network of 3 x 3 convolutions.

K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
ICLR 2015, configuration A.
"""

from __future__ import annotations

from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory, chained, scaled

_CHANNELS = ((64,), (128,), (256, 256), (512, 512), (512, 512))  # channels between poolings
SMALL = 64  # pixels; below, the linear layers of 4,096 units would have almost no input


def vgg11(
    factory: BlockFactory, channels: int, classes: int, side: int, width: float
) -> nn.Sequential:
    """Build VGG-11.

    For pictures below 64 pixels, maps are not halved below 1 x 1, and linear layers of 512 units
    read the mean of each channel.

    Args:
        factory: normalisation, activation and dropout.
        channels: of the pictures.
        classes: number of classes.
        side: shorter side of the pictures, in pixels.
        width: channels and units, as a fraction of the published ones.
    """
    small = side < SMALL
    layers: list[nn.Module] = []
    for group in _CHANNELS:
        for full in group:
            size = scaled(full, width)
            layers += [nn.Conv2d(channels, size, 3, padding=1), *factory.norm_and_activation(size)]
            channels = size
        if side >= 2:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    pooled, units = (1, scaled(512, width)) if small else (7, scaled(4096, width))
    classifier = nn.Sequential(
        nn.Linear(channels * pooled * pooled, units),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(units, units),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(units, classes),
    )
    return chained(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(pooled), classifier)
