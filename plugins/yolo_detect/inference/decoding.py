"""Reading the output tensor: from logits to boxes, objectness and class probabilities.

A row t of level l, cell (i, j), anchor (w, h) stands for the box with centre
(2 sigmoid(t_xy) - 0.5 + (j, i)) * stride and sides (2 sigmoid(t_wh))^2 * (w, h), the objectness
sigmoid(t_o) and the class probabilities sigmoid(t_c). Rows are numbered level by level, then
anchor by anchor, then row by row of the grid: 25,200 of them at 640 x 640 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Place:
    """The place of an output row in the grid.

    Attributes:
        level: 0 for stride 8, 1 for 16, 2 for 32.
        anchor: index of the anchor within the level.
        row, column: of the grid cell.
    """

    level: int
    anchor: int
    row: int
    column: int


def decode_boxes(logits: Tensor, cells: Tensor, anchors: Tensor, strides: Tensor) -> Tensor:
    """Decode boxes.

    Args:
        logits: (N, 4) raw x, y, w, h.
        cells: (N, 2) column and row of each grid cell.
        anchors: (N, 2) widths and heights in grid cells.
        strides: (N, 1) pixels per cell.

    Returns:
        (N, 4) xyxy in pixels of the network's input.
    """
    share = logits.sigmoid()
    centre = (2 * share[:, :2] - 0.5 + cells) * strides
    half = (2 * share[:, 2:]).square() * anchors * strides / 2
    return torch.cat((centre - half, centre + half), dim=1)


def place_of(row: int, shapes: Sequence[tuple[int, int, int]]) -> Place:
    """Return the place of output row `row`.

    Args:
        row: index from 0.
        shapes: (anchors, height, width) per level.

    Raises:
        IndexError: the row does not exist.
    """
    rest = row
    for level, (anchors, height, width) in enumerate(shapes):
        count = anchors * height * width
        if rest < count:
            anchor, cell = divmod(rest, height * width)
            return Place(level, anchor, *divmod(cell, width))
        rest -= count
    total = sum(a * h * w for a, h, w in shapes)
    raise IndexError(f"expected a row from 0 to {total - 1}, got {row}")


def decode(raw: Sequence[Tensor], anchors: Tensor, strides: Sequence[int]) -> Tensor:
    """Decode the whole output.

    Args:
        raw: per level (B, A, H, W, 5 + C) logits.
        anchors: (levels, A, 2) in grid cells.
        strides: pixels per cell, by level.

    Returns:
        (B, rows, 5 + C): centre x, centre y, width, height in pixels of the network's input,
        objectness and class probabilities in 0..1.
    """
    levels = []
    for logits, shapes, stride in zip(raw, anchors, strides, strict=True):
        batch, count, height, width, channels = logits.shape
        share = logits.sigmoid()
        y, x = torch.meshgrid(
            torch.arange(height, device=logits.device),
            torch.arange(width, device=logits.device),
            indexing="ij",
        )
        centre = (2 * share[..., :2] - 0.5 + torch.stack((x, y), dim=-1)) * stride
        sides = (2 * share[..., 2:4]).square() * (shapes * stride).view(1, count, 1, 1, 2)
        rows = torch.cat((centre, sides, share[..., 4:]), dim=-1)
        levels.append(rows.reshape(batch, count * height * width, channels))
    return torch.cat(levels, dim=1)
