"""The assignment of objects to predictions, as YOLOv5's documentation describes it.

At every level, each object is matched with each anchor whose sides differ from its own by less
than a factor of 4. The object is assigned to the grid cell that contains its centre, and to
the nearest cell on the left or right and at the top or bottom if it exists, because a prediction's
centre ranges over (-0.5, 1.5) of its cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nntasks.plugins.yolo_detect.training.anchors import RATIO_THRESHOLD


@dataclass(frozen=True)
class LevelTargets:
    """The targets of one level; n rows, one per (object, anchor, cell).

    Attributes:
        image, anchor, row, column: (n,) int64, index of the prediction in (B, A, H, W).
        boxes: (n, 4) float32: the centre relative to the cell's corner, in -0.5..1.5, then width
            and height; all in grid cells.
        anchors: (n, 2) float32, the anchor's sides in grid cells.
        labels: (n,) int64.
        source: (n,) int64, row of the targets.
    """

    image: Tensor
    anchor: Tensor
    row: Tensor
    column: Tensor
    boxes: Tensor
    anchors: Tensor
    labels: Tensor
    source: Tensor

    def __len__(self) -> int:
        return len(self.image)


def assign(
    targets: Tensor,
    anchors: Tensor,
    grids: Sequence[tuple[int, int]],
    threshold: float = RATIO_THRESHOLD,
) -> list[LevelTargets]:
    """Assign objects to predictions at every level.

    Args:
        targets: (T, 6) float32 rows (image in batch, class, cx, cy, w, h), boxes as shares of the
            network's input. They must not include crowd regions.
        anchors: (levels, A, 2) float32, in grid cells of their level.
        grids: height and width of each level's grid.
        threshold: side ratio from which an anchor no longer fits.

    Returns:
        one `LevelTargets` per level. Order: by neighbour (own cell, left, top, right, bottom),
        then by anchor, then by target.
    """
    return [
        _assign_level(targets, level, grid, threshold)
        for level, grid in zip(anchors, grids, strict=True)
    ]


def _assign_level(
    targets: Tensor, anchors: Tensor, grid: tuple[int, int], threshold: float
) -> LevelTargets:
    height, width = grid
    extent = targets.new_tensor([width, height])
    sides = targets[:, 4:6] * extent  # (T, 2), in cells
    ratio = sides[None] / anchors[:, None]  # (A, T, 2)
    fits = torch.maximum(ratio, 1 / ratio).amax(dim=2) < threshold
    anchor, source = fits.nonzero(as_tuple=True)
    centre = targets[source, 2:4] * extent  # (m, 2)
    own = torch.minimum(centre.floor().clamp_(min=0), extent - 1)
    step, which = _neighbours(centre, own, extent)
    anchor, source = anchor[which], source[which]
    cell = own[which] + step
    return LevelTargets(
        image=targets[source, 0].long(),
        anchor=anchor,
        row=cell[:, 1].long(),
        column=cell[:, 0].long(),
        boxes=torch.cat([centre[which] - cell, sides[source]], dim=1),
        anchors=anchors[anchor],
        labels=targets[source, 1].long(),
        source=source,
    )


def _neighbours(centre: Tensor, own: Tensor, extent: Tensor) -> tuple[Tensor, Tensor]:
    """Return offsets to neighbour cells (n, 2) and the matches (n,) that they belong to.

    An offset points to the neighbour on the side of the centre, unless that is outside the grid.
    A centre exactly in the middle has none.
    """
    within = centre - own  # (m, 2) in 0..1
    before = (within < 0.5) & (own > 0)  # left, top
    after = (within > 0.5) & (own < extent - 1)  # right, bottom
    takes = torch.cat([torch.ones_like(before[:, :1]), before, after], dim=1).T  # (5, m)
    direction, which = takes.nonzero(as_tuple=True)
    steps = centre.new_tensor([[0, 0], [-1, 0], [0, -1], [1, 0], [0, 1]])
    return steps[direction], which
