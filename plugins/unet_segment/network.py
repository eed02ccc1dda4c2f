"""U-Net: down to few places with many channels, and up again with what was seen on the way.

O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical image
segmentation", MICCAI 2015. As is usual today, convolutions keep the size of a map: masks are as
large as pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from nntasks.training.norms import normalisation

Upsampling = Literal["transposed", "bilinear"]


class Level(nn.Module):
    """Two convolutions at one size, with a way around them if `residual` (He et al. 2016).

    Args:
        inputs, outputs: channels.
        norm: after each convolution, a name of `normalisation`.
        residual: add the input, brought to as many channels by a convolution of 1 x 1.
        dropout: share of channels dropped at the end.
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


class Gate(nn.Module):
    """Attention on what is handed across: each place is kept as far as the way up asks for it.

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


class Up(nn.Module):
    """One step up: twice the size, joined with what was handed across.

    Args:
        inputs: channels from below.
        across: channels that are handed across; 0 for nothing.
        outputs: channels.
        upsample: "transposed", a learned convolution; "bilinear", after one of 1 x 1.
        attention: gate what is handed across.
        norm, residual: of the convolutions.
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
        if upsample == "transposed":
            self.grow: nn.Module = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        else:
            grow = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
            # The order changes no value, but a quarter of the places are cheaper.
            self.grow = nn.Sequential(nn.Conv2d(inputs, outputs, 1), grow)
        self.gate = Gate(across, outputs) if attention and across else None
        self.level = Level(outputs + across, outputs, norm, residual)

    def forward(self, below: Tensor, across: Tensor | None) -> Tensor:
        x = self.grow(below)
        if across is not None:
            across = across if self.gate is None else self.gate(across, x)
            x = torch.cat([across, x], dim=1)
        return self.level(x)


class Down(nn.Module):
    """The way down: a level, halved, a level, ...

    Attributes:
        channels: of the maps it returns, the largest map first; the first has the picture's size.
        stride: by how much the last map is smaller.
    """

    def __init__(
        self, inputs: int, depth: int, width: int, norm: str, residual: bool, dropout: float
    ) -> None:
        super().__init__()
        self.channels = [width * 2**number for number in range(depth + 1)]
        self.stride = 2**depth
        self.levels = nn.ModuleList(
            Level(before, after, norm, residual, dropout if number == depth else 0.0)
            for number, (before, after) in enumerate(
                zip([inputs, *self.channels], self.channels, strict=False)
            )
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = [self.levels[0](x)]
        for level in self.levels[1:]:
            maps.append(level(functional.max_pool2d(maps[-1], 2)))
        return maps


class UNet(nn.Module):
    """A U-Net over any way down.

    Args:
        down: returns maps, the largest first, each half as large as the one before; has `channels`
            and `stride`, as `Down`.
        outputs: channels of each step up, from the bottom; one for each map but the last, and one
            more if the first map is smaller than the picture.
        upsample, attention, norm, residual: of the steps up.
    """

    def __init__(
        self,
        down: nn.Module,
        outputs: Sequence[int],
        *,
        upsample: Upsampling,
        attention: bool,
        norm: str,
        residual: bool,
    ) -> None:
        super().__init__()
        self.down = down
        channels: list[int] = down.channels  # type: ignore[assignment]
        self._stride: int = down.stride  # type: ignore[assignment]
        handed = [*channels[-2::-1], *([0] * (len(outputs) - len(channels) + 1))]
        self.ups = nn.ModuleList(
            Up(
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
        x = functional.pad(x, (0, -width % self._stride, 0, -height % self._stride), "replicate")
        *across, below = self.down(x)
        for number, up in enumerate(self.ups):
            below = up(below, across[-1 - number] if number < len(across) else None)
        return self.head(below)[:, 0, :height, :width]
