"""VGG-11: windows of 3 x 3 pixels all the way.

K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition",
ICLR 2015, configuration A.
"""

from __future__ import annotations

from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import Parts, chained, scaled

_CHANNELS = ((64,), (128,), (256, 256), (512, 512), (512, 512))  # between poolings
SMALL = 64  # pixels: below, three linear layers of 4,096 units would read next to nothing


def vgg11(parts: Parts, channels: int, classes: int, side: int, width: float) -> nn.Sequential:
    """Build VGG-11.

    Pictures of less than 64 pixels are not halved below 1 x 1, and get linear layers of 512 units
    over the mean of each channel.

    Args:
        parts: choices.
        channels: of the pictures.
        classes: how many.
        side: the shorter one of the pictures, in pixels.
        width: channels and units, as a share of the published ones.
    """
    small = side < SMALL
    layers: list[nn.Module] = []
    for group in _CHANNELS:
        for full in group:
            size = scaled(full, width)
            layers += [nn.Conv2d(channels, size, 3, padding=1), *parts.activated(size)]
            channels = size
        if side >= 2:
            layers.append(nn.MaxPool2d(2))
            side //= 2
    pooled, units = (1, scaled(512, width)) if small else (7, scaled(4096, width))
    classifier = nn.Sequential(
        nn.Linear(channels * pooled * pooled, units),
        parts.activate(),
        parts.drop(),
        nn.Linear(units, units),
        parts.activate(),
        parts.drop(),
        nn.Linear(units, classes),
    )
    return chained(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(pooled), classifier)
