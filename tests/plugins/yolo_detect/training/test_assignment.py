"""Assignment of objects to predictions, against a slow reading of the rules."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from nntasks.plugins.yolo_detect.training.assignment import assign

ANCHORS = torch.tensor(
    [
        [[1.25, 1.6], [2.0, 3.75], [4.1, 2.9]],
        [[1.9, 3.8], [3.9, 2.8], [3.7, 7.4]],
        [[3.6, 2.8], [4.9, 6.2], [11.6, 10.2]],
    ]
)
GRIDS = [(16, 20), (8, 10), (4, 5)]


def _targets(seed: int, count: int = 40) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    rows = torch.rand(count, 6, generator=draw)
    rows[:, 0] = torch.randint(4, (count,), generator=draw)
    rows[:, 1] = torch.randint(10, (count,), generator=draw)
    rows[:, 4:] = torch.exp(rows[:, 4:] * 4.5 - 4.5)  # sides from 1 % to 100 %
    return rows


def _slow(targets: Tensor, level: int, threshold: float = 4.0) -> set[tuple[int, ...]]:
    """Return (target, image, anchor, row, column) of every match."""
    height, width = GRIDS[level]
    found = set()
    for number, (image, _, cx, cy, w, h) in enumerate(targets.tolist()):
        x, y = cx * width, cy * height
        for anchor, (a, b) in enumerate(ANCHORS[level].tolist()):
            sides = [w * width / a, h * height / b]
            if max(max(side, 1 / side) for side in sides) >= threshold:
                continue
            column, row = math.floor(x), math.floor(y)
            cells = [(row, column)]
            cells.append((row, column - 1) if x - column < 0.5 else (row, column + 1))
            cells.append((row - 1, column) if y - row < 0.5 else (row + 1, column))
            found |= {
                (number, int(image), anchor, i, j)
                for i, j in cells
                if 0 <= i < height and 0 <= j < width
            }
    return found


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_slow_reference(seed: int) -> None:
    targets = _targets(seed)
    for level, match in enumerate(assign(targets, ANCHORS, GRIDS)):
        columns = (match.source, match.image, match.anchor, match.row, match.column)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        assert len(rows) == len(set(rows))
        assert set(rows) == _slow(targets, level)


def test_boxes_and_labels_are_those_of_their_target() -> None:
    targets = _targets(7)
    for level, match in enumerate(assign(targets, ANCHORS, GRIDS)):
        height, width = GRIDS[level]
        extent = torch.tensor([width, height])
        cell = torch.stack([match.column, match.row], dim=1)
        own = targets[match.source]
        torch.testing.assert_close((match.boxes[:, :2] + cell) / extent, own[:, 2:4])
        torch.testing.assert_close(match.boxes[:, 2:] / extent, own[:, 4:6])
        assert (match.boxes[:, :2] >= -0.5).all()
        assert (match.boxes[:, :2] <= 1.5).all()
        assert torch.equal(match.labels, own[:, 1].long())
        assert torch.equal(match.image, own[:, 0].long())
        assert torch.equal(match.anchors, ANCHORS[level][match.anchor])


def test_every_decoded_box_can_be_reached() -> None:
    """Sides within a factor of 4, centres in -0.5..1.5: what the decoding can express."""
    for match in assign(_targets(9), ANCHORS, GRIDS):
        assert (match.boxes[:, 2:] / match.anchors < 4).all()


def test_a_centre_in_the_middle_of_a_cell_takes_no_neighbour() -> None:
    target = torch.tensor([[0, 3, 2.5 / 20, 2.5 / 16, 2 / 20, 3.7 / 16]])
    match = assign(target, ANCHORS, GRIDS)[0]
    assert len(match) == 3  # the three anchors, in their own cell
    assert set(zip(match.row.tolist(), match.column.tolist(), strict=True)) == {(2, 2)}


@pytest.mark.parametrize("corner", [0.0, 1.0])
def test_corners_of_the_picture_stay_inside_the_grid(corner: float) -> None:
    target = torch.tensor([[0, 0, corner, corner, 0.1, 0.2]])
    for (height, width), match in zip(GRIDS, assign(target, ANCHORS, GRIDS), strict=True):
        assert ((match.row >= 0) & (match.row < height)).all()
        assert ((match.column >= 0) & (match.column < width)).all()
    assert len(assign(target, ANCHORS, GRIDS)[0])


def test_no_targets_and_flat_targets_match_nothing() -> None:
    flat = torch.tensor([[0, 0, 0.5, 0.5, 0.0, 0.2]])
    for targets in (torch.zeros(0, 6), flat):
        assert [len(match) for match in assign(targets, ANCHORS, GRIDS)] == [0, 0, 0]
