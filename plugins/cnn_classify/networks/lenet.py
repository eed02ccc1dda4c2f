"""LeNet-5 with max pooling: two convolutions and three linear layers.

Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE 86, 1998.
"""

from __future__ import annotations

from torch import nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory

LEAST_SIDE = 12  # pixels


def lenet(
    factory: BlockFactory, channels: int, classes: int, height: int, width: int
) -> nn.Sequential:
    """Build LeNet-5 for pictures of 12 x 12 pixels or more (published for 32 x 32)."""
    places = ((height // 2 - 4) // 2) * ((width // 2 - 4) // 2)
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2),
        *factory.norm_and_activation(6),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        *factory.norm_and_activation(16),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * places, 120),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(120, 84),
        factory.activation_layer(),
        factory.dropout_layer(),
        nn.Linear(84, classes),
    )
