"""U-Net: an encoder and a decoder, joined by skip connections.

O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical image
segmentation", MICCAI 2015. As is usual today, convolutions are padded, so masks have
the size of the picture.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from nntasks.errors import UsageError
from nntasks.plugins.unet_segment.joining import Align, to_one_size, to_picture
from nntasks.training.norms import normalisation

Upsampling = Literal["transposed", "bilinear"]


class ConvolutionBlock(nn.Module):
    """Two convolutions at one size, with a shortcut if `residual` (He et al. 2016).

    Args:
        inputs, outputs: channels.
        norm: after each convolution, a name of `normalisation`.
        residual: add the input, through a 1 x 1 convolution if the channels differ.
        dropout: probability of dropping a channel at the end.
    """

    def __init__(
        self, inputs: int, outputs: int, norm: str, residual: bool, dropout: float = 0.0
    ) -> None:
        super().__init__()
        bias = norm == "none"
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=bias),
            normalisation(norm, outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=bias),
            normalisation(norm, outputs),
        )
        self.around: nn.Module | None = None
        if residual:
            same = inputs == outputs
            self.around = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, bias=bias)
        self.drop = nn.Dropout2d(dropout)

    def forward(self, x: Tensor) -> Tensor:  # (B, inputs, H, W) -> (B, outputs, H, W)
        found = self.body(x)
        if self.around is not None:
            found = found + self.around(x)
        return self.drop(functional.relu(found))


class AttentionGate(nn.Module):
    """An attention gate: the decoder weights each position of a skip connection.

    O. Oktay et al., "Attention U-Net: learning where to look for the pancreas", MIDL 2018.
    """

    def __init__(self, across: int, asking: int) -> None:
        super().__init__()
        inner = max(across // 2, 1)
        self.seen = nn.Conv2d(across, inner, 1)
        self.asked = nn.Conv2d(asking, inner, 1)
        self.weight = nn.Conv2d(inner, 1, 1)

    def forward(self, across: Tensor, asking: Tensor) -> Tensor:  # both (B, ., H, W)
        both = functional.relu(self.seen(across) + self.asked(asking))
        return across * torch.sigmoid(self.weight(both))


class DecoderStep(nn.Module):
    """A decoder step: upsampling by 2, joined with the skip connection.

    Args:
        inputs: channels from below.
        across: channels of the skip connection; 0 for none.
        outputs: channels.
        upsample: "transposed", a learned convolution; "bilinear", after one of 1 x 1.
        attention: gate the skip connection.
        norm, residual: options of the convolutions.
    """

    def __init__(
        self,
        inputs: int,
        across: int,
        outputs: int,
        *,
        upsample: Upsampling,
        attention: bool,
        norm: str,
        residual: bool,
    ) -> None:
        super().__init__()
        self.across = across
        if upsample == "transposed":
            self.grow: nn.Module = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        else:
            grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
            # Either order gives the same values; at a quarter of the positions it is cheaper.
            self.grow = nn.Sequential(nn.Conv2d(inputs, outputs, 1), grow)
        self.gate = AttentionGate(across, outputs) if attention and across else None
        self.level = ConvolutionBlock(outputs + across, outputs, norm, residual)

    def forward(self, below: Tensor, across: Tensor | None, align: Align = "picture") -> Tensor:
        """Return the map of this level.

        Args:
            below: the map of the level below.
            across: that of the encoder, whose size counts even without a skip connection.
            align: how both come to one size; see `to_one_size`.
        """
        x = self.grow(below)
        if across is not None:
            x, across = to_one_size(x, across, align)
        if across is not None and self.across:
            across = across if self.gate is None else self.gate(across, x)
            x = torch.cat([across, x], dim=1)
        return self.level(x)


class Encoder(nn.Module):
    """The base class of encoders: stages of layers, each of which ends with a map.

    Attributes:
        channels: channels of the returned maps, largest map first.
        stride: downsampling factor of the last map.
    """

    channels: list[int]
    stride: int

    def stages(self) -> Sequence[Sequence[nn.Module]]:
        """Return the layers of each stage, in order."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in self.stages():
            for layer in stage:
                x = layer(x)
            maps.append(x)
        return maps


class UNetEncoder(Encoder):
    """The encoder of the paper: blocks with downsampling by 2 between them.

    The first map has the picture's size.
    """

    def __init__(
        self, inputs: int, depth: int, width: int, norm: str, residual: bool, dropout: float
    ) -> None:
        super().__init__()
        self.channels = [width * 2**number for number in range(depth + 1)]
        self.stride = 2**depth
        self.levels = nn.ModuleList(
            ConvolutionBlock(before, after, norm, residual, dropout if number == depth else 0.0)
            for number, (before, after) in enumerate(
                zip([inputs, *self.channels], self.channels, strict=False)
            )
        )
        self.halve = nn.MaxPool2d(2)

    def stages(self) -> list[list[nn.Module]]:
        first, *others = self.levels
        return [[first], *([self.halve, block] for block in others)]


class UNet(nn.Module):
    """A U-Net with any encoder.

    Args:
        down: the encoder; each of its maps has half the size of the one before.
        outputs: channels of each decoder step, lowest first; one per map except the last, and one
            more if the first map is smaller than the picture.
        upsample, attention, norm, residual: options of the decoder steps.
        skips: the levels whose maps are handed over to the decoder, from 1, the finest; None for
            all.

    Attributes:
        align: how maps of unequal sizes are joined. "picture" pads the picture so that all halve
            evenly; the others (see `to_one_size`) leave the picture as it is.
    """

    def __init__(
        self,
        down: Encoder,
        outputs: Sequence[int],
        *,
        upsample: Upsampling,
        attention: bool,
        norm: str,
        residual: bool,
        skips: Collection[int] | None = None,
    ) -> None:
        super().__init__()
        self.down = down
        self.align: Align = "picture"
        levels = len(down.channels) - 1
        self.skips = frozenset(range(1, levels + 1) if skips is None else skips)
        channels = [
            count if level in self.skips or level > levels else 0
            for level, count in enumerate(down.channels, 1)
        ]
        handed = [*channels[-2::-1], *([0] * (len(outputs) - len(channels) + 1))]
        self.ups = nn.ModuleList(
            DecoderStep(
                below,
                across,
                after,
                upsample=upsample,
                attention=attention,
                norm=norm,
                residual=residual,
            )
            for below, across, after in zip([channels[-1], *outputs], handed, outputs, strict=False)
        )
        self.head = nn.Conv2d(outputs[-1], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, H, W) of pictures (B, C, H, W) of any size."""
        height, width = x.shape[2:]
        return to_picture(self.decode(self.down(self.padded(x))), height, width)

    def padded(self, x: Tensor) -> Tensor:
        """Return pictures (B, C, H, W) as the encoder takes them.

        With align="picture" the last row and column are repeated until both sides are multiples of
        the encoder's stride.

        Raises:
            UsageError: with another `align`, a side is shorter than the encoder's stride.
        """
        height, width = x.shape[2:]
        stride = self.down.stride
        if self.align == "picture":
            return functional.pad(x, (0, -width % stride, 0, -height % stride), "replicate")
        if min(height, width) < stride:
            raise UsageError(
                f"align={self.align}: expected pictures of {stride} x {stride} pixels or more, got "
                f"{width} x {height}; choose align=picture or a smaller depth"
            )
        return x

    def decode(self, maps: Sequence[Tensor]) -> Tensor:
        """Return logits (B, H, W) of the encoder's maps of padded pictures."""
        *across, below = maps
        for number, step in enumerate(self.ups):
            level = len(across) - number
            below = step(below, across[level - 1] if level > 0 else None, self.align)
        return self.head(below)[:, 0]
