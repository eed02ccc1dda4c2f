"""The output of the heads: one interface for complete logits and for logits on demand.

A detector reads the objectness of every row, but the rest only of the few rows above the threshold.
The heads are 1x1 convolutions, so each row can be computed alone from the features of its cell.
This saves a seventh of the network's time and 8 MB of logits at 640 x 640.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nntasks.plugins.yolo_detect.network import Detect

Index = tuple[Tensor, ...]  # image, anchor, row and column of the grid: (N,) int64 each


class Output(ABC):
    """Logits of a batch: per level (B, A, H, W, 5 + C).

    Attributes:
        class_count: C.
        shapes: (A, H, W) per level.
    """

    class_count: int
    shapes: list[tuple[int, int, int]]

    @abstractmethod
    def objectness(self, level: int) -> Tensor:
        """Return the objectness logits of a level: (B, A, H, W)."""

    @abstractmethod
    def rows(self, level: int, index: Index) -> Tensor:
        """Return all logits of the rows at `index`: (N, 5 + C) float32."""


class Logits(Output):
    """The complete logits of a network.

    Args:
        raw: per level (B, A, H, W, 5 + C).
    """

    def __init__(self, raw: Sequence[Tensor]) -> None:
        self.raw = raw
        self.class_count = raw[0].shape[-1] - 5
        self.shapes = [(level.shape[1], level.shape[2], level.shape[3]) for level in raw]

    def objectness(self, level: int) -> Tensor:
        return self.raw[level][..., 4]

    def rows(self, level: int, index: Index) -> Tensor:
        return self.raw[level][index].float()


class Heads:
    """A copy of the heads' weights in float32, in a layout for single rows.

    Args:
        detect: the network's last module.
    """

    def __init__(self, detect: Detect) -> None:
        self.anchors = detect.anchors.shape[1]
        self.class_count = detect.class_count
        self.weights = [_copy(conv.weight).flatten(1).T.contiguous() for conv in detect.m]
        self.biases = [_copy(conv.bias) for conv in detect.m]  # (A * (5 + C),)
        every = slice(4, None, 5 + self.class_count)
        self.objectness = [  # (A, channels), (A, 1)
            (weight[:, every].T.contiguous(), bias[every, None])
            for weight, bias in zip(self.weights, self.biases, strict=True)
        ]


class FeatureMaps(Output):
    """The feature maps of the heads, whose logits are computed on demand.

    Args:
        maps: per level (B, channels, H, W) float32, in any memory format.
        heads: the heads, on the device of the maps.
    """

    def __init__(self, maps: Sequence[Tensor], heads: Heads) -> None:
        self.class_count = heads.class_count
        self.shapes = [(heads.anchors, level.shape[2], level.shape[3]) for level in maps]
        self._cells = [level.permute(0, 2, 3, 1) for level in maps]  # (B, H, W, channels)
        self._heads = heads

    def objectness(self, level: int) -> Tensor:
        weight, bias = self._heads.objectness[level]
        cells = self._cells[level]
        # this order of the product is twice as fast as the other
        found = weight @ cells.flatten(1, 2).transpose(1, 2) + bias  # (B, A, H * W)
        return found.unflatten(2, cells.shape[1:3])

    def rows(self, level: int, index: Index) -> Tensor:
        image, anchor, y, x = index
        cells = self._cells[level][image, y, x]
        # All anchors of the cells: one product is faster than one per anchor.
        all_anchors = torch.addmm(self._heads.biases[level], cells, self._heads.weights[level])
        each = torch.arange(len(cells), device=cells.device)
        parts = (self._heads.anchors, 5 + self.class_count)
        return all_anchors.unflatten(1, parts)[each, anchor]

    def logits(self) -> list[Tensor]:
        """Return all logits: per level (B, A, H, W, 5 + C)."""
        return [
            (cells @ weight + bias).unflatten(3, (self._heads.anchors, -1)).permute(0, 3, 1, 2, 4)
            for cells, weight, bias in zip(
                self._cells, self._heads.weights, self._heads.biases, strict=True
            )
        ]


def _copy(value: Any) -> Tensor:
    return value.detach().float().clone()
