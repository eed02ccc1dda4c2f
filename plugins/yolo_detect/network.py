"""The YOLOv5 network: CSP backbone, SPPF, PAN neck and three anchor heads.

Written from the published layer list (release v6 and later). Modules have its numbers, so that
parameters have the names and shapes of public checkpoints (`model.0.conv.weight` ...).
Sources: CSPNet (Wang et al., 2020), SPP (He et al., 2014), PANet (Liu et al., 2018), anchors and
heads as in YOLOv3 (Redmon and Farhadi, 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

STRIDES = (8, 16, 32)
# (width, height) in pixels, fitted to COCO at 640 pixels; published with the architecture.
COCO_ANCHORS = (
    ((10, 13), (16, 30), (33, 23)),
    ((30, 61), (62, 45), (59, 119)),
    ((116, 90), (156, 198), (373, 326)),
)
# Depth and width multiples by name; "p" is ours, half the channels of nano.
SIZES = {
    "yolov5p": (0.33, 0.125),
    "yolov5n": (0.33, 0.25),
    "yolov5s": (0.33, 0.50),
    "yolov5m": (0.67, 0.75),
    "yolov5l": (1.0, 1.0),
    "yolov5x": (1.33, 1.25),
}
BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.1


def edge_filters(count: int, size: int) -> Tensor:
    """Return Gabor filters: half of them edges, half strokes, each in both contrasts.

    Edges turn through the full circle, strokes through half of it. J. Daugman, "Uncertainty
    relation for resolution in space, spatial frequency, and orientation", JOSA A, 1985.

    Args:
        count: how many, a multiple of 4.
        size: their side in pixels.

    Returns:
        (count, size, size) float32, each of sum 0 and norm 1.
    """
    line = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    window = torch.exp(-(x.square() + y.square()) / (2 * (0.28 * size) ** 2))
    filters = []
    for number in range(count // 2):
        turn = 4 * math.pi * number / count
        across = x * math.cos(turn) + y * math.sin(turn)
        filters.append(window * torch.sin(2 * math.pi * across / (1.17 * size)))
    for number in range(count // 2):
        turn = 4 * math.pi * (number // 2) / count
        across = x * math.cos(turn) + y * math.sin(turn)
        stroke = torch.cos(2 * math.pi * across / size)
        stroke = window * (stroke - (window * stroke).sum() / window.sum())
        filters.append(stroke if number % 2 else -stroke)
    bank = torch.stack(filters)
    return bank / bank.flatten(1).norm(dim=1)[:, None, None]


class Conv(nn.Module):
    """Convolution without bias, batch norm, SiLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        padding: int | None = None,
    ) -> None:
        super().__init__()
        padding = kernel // 2 if padding is None else padding
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn: nn.Module = nn.BatchNorm2d(
            outputs, eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM
        )
        self.act = nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    """Two convolutions, with a residual connection if `shortcut`."""

    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.cv1 = Conv(channels, channels, 1)
        self.cv2 = Conv(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.cv2(self.cv1(x))
        return x + y if self.shortcut else y


class C3(nn.Module):
    """A cross-stage partial block with three convolutions around its bottlenecks."""

    def __init__(self, inputs: int, outputs: int, repeats: int, shortcut: bool = True) -> None:
        super().__init__()
        hidden = outputs // 2
        self.cv1 = Conv(inputs, hidden)
        self.cv2 = Conv(inputs, hidden)
        self.cv3 = Conv(2 * hidden, outputs)
        self.m = nn.Sequential(*(Bottleneck(hidden, shortcut) for _ in range(repeats)))

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), dim=1))


class SPPF(nn.Module):
    """Spatial pyramid pooling by three poolings in sequence, equal to sizes 5, 9 and 13."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 5) -> None:
        super().__init__()
        hidden = inputs // 2
        self.cv1 = Conv(inputs, hidden)
        self.cv2 = Conv(4 * hidden, outputs)
        self.m = nn.MaxPool2d(kernel, stride=1, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.cv1(x)
        once = self.m(x)
        twice = self.m(once)
        return self.cv2(torch.cat((x, once, twice, self.m(twice)), dim=1))


class Concat(nn.Module):
    """Join feature maps by channel."""

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        return torch.cat(tuple(maps), dim=1)


class Detect(nn.Module):
    """The heads: one 1x1 convolution per level, for every anchor 4 box, 1 object, C class logits.

    Attributes:
        anchors: (levels, A, 2) widths and heights in grid cells of their level.
    """

    anchors: Tensor

    def __init__(self, class_count: int, anchors: Tensor, channels: Sequence[int]) -> None:
        super().__init__()
        self.class_count = class_count
        self.register_buffer("anchors", anchors)
        outputs = anchors.shape[1] * (5 + class_count)
        self.m = nn.ModuleList(nn.Conv2d(inputs, outputs, 1) for inputs in channels)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        return [self._separate(head(x)) for head, x in zip(self.m, maps, strict=True)]

    def _separate(self, x: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        x = x.view(batch, self.anchors.shape[1], 5 + self.class_count, height, width)
        return x.permute(0, 1, 3, 4, 2)


class YoloV5(nn.Module):
    """The network.

    Args:
        class_count: C.
        depth_multiple: share of the published repeats of C3 blocks.
        width_multiple: share of the published channels, rounded up to a multiple of 8.
        anchors: (3 levels, A, 2) widths and heights in pixels of the network's input.
    """

    strides = STRIDES

    def __init__(
        self,
        class_count: int,
        depth_multiple: float = 0.33,
        width_multiple: float = 0.25,
        anchors: Sequence[Sequence[Sequence[float]]] = COCO_ANCHORS,
    ) -> None:
        super().__init__()
        self.class_count = class_count
        cells = torch.tensor(anchors, dtype=torch.float32)
        cells = cells / torch.tensor(STRIDES, dtype=torch.float32).view(-1, 1, 1)

        def wide(channels: int) -> int:
            return math.ceil(channels * width_multiple / 8) * 8

        def deep(repeats: int) -> int:
            return max(round(repeats * depth_multiple), 1)

        c1, c2, c3, c4, c5 = (wide(c) for c in (64, 128, 256, 512, 1024))
        self.model = nn.ModuleList(
            [
                Conv(3, c1, 6, 2, 2),  # 0: 1/2
                Conv(c1, c2, 3, 2),  # 1: 1/4
                C3(c2, c2, deep(3)),
                Conv(c2, c3, 3, 2),  # 3: 1/8
                C3(c3, c3, deep(6)),
                Conv(c3, c4, 3, 2),  # 5: 1/16
                C3(c4, c4, deep(9)),
                Conv(c4, c5, 3, 2),  # 7: 1/32
                C3(c5, c5, deep(3)),
                SPPF(c5, c5),
                Conv(c5, c4),  # 10: down the pyramid
                nn.Upsample(scale_factor=2),
                Concat(),  # with 6
                C3(2 * c4, c4, deep(3), shortcut=False),
                Conv(c4, c3),  # 14
                nn.Upsample(scale_factor=2),
                Concat(),  # with 4
                C3(2 * c3, c3, deep(3), shortcut=False),  # 17: level of stride 8
                Conv(c3, c3, 3, 2),  # and up again
                Concat(),  # with 14
                C3(2 * c3, c4, deep(3), shortcut=False),  # 20: level of stride 16
                Conv(c4, c4, 3, 2),
                Concat(),  # with 10
                C3(2 * c4, c5, deep(3), shortcut=False),  # 23: level of stride 32
                Detect(class_count, cells, (c3, c4, c5)),
            ]
        )
        self._start_from_edges()
        self.reset_head()

    @torch.no_grad()
    def _start_from_edges(self) -> None:
        """Initialise the first filters as edge and stroke detectors.

        Random filters respond mostly to the brightness and hue of the background, which do not
        depend on shapes. Here a fifth of each filter stays random; the rest is an edge or stroke,
        equal in red, green and blue. Filters keep their initial standard deviation.
        """
        first: Conv = self.model[0]  # type: ignore[assignment]
        filters = first.conv.weight  # (C, 3, 6, 6)
        spread = filters.std()
        shapes = edge_filters(len(filters), filters.shape[-1])[:, None]
        mixed = spread * shapes / shapes.std() + 0.2 * filters
        mixed -= mixed.mean(dim=(2, 3), keepdim=True)
        filters.copy_(mixed * (spread / mixed.std()))

    @property
    def head(self) -> Detect:
        """The last module, with the anchors."""
        return self.model[24]  # type: ignore[return-value]

    def reset_head(self, objects_per_image: float = 8.0, input_size: int = 640) -> None:
        """Set the heads' biases for rare objects and classes (the prior of RetinaNet, 2017)."""
        anchors = self.head.anchors.shape[1]
        for head, stride in zip(self.head.m, STRIDES, strict=True):
            bias = head.bias.detach().view(anchors, -1).clone()  # type: ignore[operator]
            bias[:, 4] += math.log(objects_per_image / (input_size / stride) ** 2)
            bias[:, 5:] += math.log(0.6 / (self.class_count - 0.99999))
            head.bias = nn.Parameter(bias.view(-1))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return raw predictions.

        Args:
            x: (B, 3, H, W) in 0..1, sides multiples of 32.

        Returns:
            per level of stride 8, 16, 32: (B, A, H / stride, W / stride, 5 + C) logits.
        """
        return self.head(self.features(x))

    def features(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the inputs of the heads: per level (B, channels, H / stride, W / stride)."""
        m = self.model
        p3 = m[4](m[3](m[2](m[1](m[0](x)))))
        p4 = m[6](m[5](p3))
        p5 = m[9](m[8](m[7](p4)))
        t5 = m[10](p5)
        t4 = m[14](m[13](m[12]((m[11](t5), p4))))
        n3 = m[17](m[16]((m[15](t4), p3)))
        n4 = m[20](m[19]((m[18](n3), t4)))
        n5 = m[23](m[22]((m[21](n4), t5)))
        return n3, n4, n5
