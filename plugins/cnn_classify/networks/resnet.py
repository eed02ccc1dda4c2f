"""ResNet-18 and ResNet-34: networks of residual blocks.

K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.
Layers are named as in torchvision, so that its weights fit.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from nntasks.plugins.cnn_classify.networks.blocks import BlockFactory, scaled
from nntasks.training.norms import normalisation

DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
SMALL = 64  # pixels; below, the stem keeps the size, as in the paper's CIFAR-10 networks


class Block(nn.Module):
    """Two convolutions with a shortcut.

    Args:
        factory: normalisation and activation.
        inputs, outputs: channels.
        stride: of the first convolution, in pixels.
    """

    def __init__(self, factory: BlockFactory, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        bias = factory.norm == "none"
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=bias)
        self.bn1 = normalisation(factory.norm, outputs)
        self.act1 = factory.activation_layer()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=bias)
        self.bn2 = normalisation(factory.norm, outputs)
        self.act2 = factory.activation_layer()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=bias),
                normalisation(factory.norm, outputs),
            )

    def forward(self, x: Tensor) -> Tensor:  # (B, inputs, H, W) -> (B, outputs, H', W')
        inner = self.act1(self.bn1(self.conv1(x)))
        inner = self.bn2(self.conv2(inner))
        return self.act2(inner + self.downsample(x))


class ResNet(nn.Module):
    """A residual network of basic blocks.

    Args:
        factory: normalisation, activation and dropout (before the last layer).
        depth: 18 or 34.
        channels: of the pictures.
        classes: number of classes.
        stem: "large" halves pictures twice before the first block, "small" never.
        width: channels, as a fraction of the published ones.
    """

    def __init__(
        self,
        factory: BlockFactory,
        depth: int,
        channels: int,
        classes: int,
        stem: Literal["small", "large"],
        width: float,
    ) -> None:
        super().__init__()
        size = scaled(64, width)
        kernel, stride = (7, 2) if stem == "large" else (3, 1)
        self.conv1 = nn.Conv2d(
            channels, size, kernel, stride, kernel // 2, bias=factory.norm == "none"
        )
        self.bn1 = normalisation(factory.norm, size)
        self.act = factory.activation_layer()
        self.maxpool = nn.MaxPool2d(3, 2, 1) if stem == "large" else nn.Identity()
        groups: list[nn.Module] = []
        for number, blocks in enumerate(DEPTHS[depth]):
            outputs = scaled(64 * 2**number, width)
            first = Block(factory, size, outputs, 2 if number else 1)
            others = [Block(factory, outputs, outputs, 1) for _ in range(blocks - 1)]
            groups.append(nn.Sequential(first, *others))
            size = outputs
        self.layer1, self.layer2, self.layer3, self.layer4 = groups
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.drop = factory.dropout_layer()
        self.fc = nn.Linear(size, classes)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, classes)
        x = self.maxpool(self.act(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.drop(self.avgpool(x).flatten(1)))
