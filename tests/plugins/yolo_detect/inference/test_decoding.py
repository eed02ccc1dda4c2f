"""Rows of the output tensor: their boxes by hand, and their places in the grid."""

from __future__ import annotations

import math

import pytest
import torch

from nntasks.plugins.yolo_detect.inference.decoding import Place, decode, decode_boxes, place_of

SHAPES = [(3, 4, 5), (3, 2, 3), (2, 1, 1)]


def logit(share):
    return math.log(share / (1 - share))


def test_zero_logits_are_the_anchor_in_the_middle_of_its_cell():
    boxes = decode_boxes(
        torch.zeros(2, 4),
        torch.tensor([[3, 1], [0, 0]]),
        torch.tensor([[2.0, 4.0], [1.0, 0.5]]),
        torch.tensor([[8.0], [32.0]]),
    )
    assert boxes.tolist() == [[28 - 8, 12 - 16, 28 + 8, 12 + 16], [0, 8, 32, 24]]


def test_shares_of_a_quarter_and_three_quarters():
    """Centre 2 * 0.25 - 0.5 = 0 cells from the corner; sides (2 * 0.75)^2 = 2.25 anchors."""
    logits = torch.tensor([[logit(0.25), logit(0.75), logit(0.75), logit(0.25)]])
    (box,) = decode_boxes(logits, torch.tensor([[2, 2]]), torch.ones(1, 2), torch.tensor([[16.0]]))
    width, height = 2.25 * 16, 0.25 * 16
    x, y = 2 * 16, 3 * 16
    expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    assert box.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (0, Place(0, 0, 0, 0)),
        (4, Place(0, 0, 0, 4)),
        (5, Place(0, 0, 1, 0)),
        (20, Place(0, 1, 0, 0)),
        (59, Place(0, 2, 3, 4)),
        (60, Place(1, 0, 0, 0)),
        (60 + 6 + 4, Place(1, 1, 1, 1)),
        (79, Place(2, 1, 0, 0)),
    ],
)
def test_rows_go_by_level_anchor_row_and_column(row, place):
    assert place_of(row, SHAPES) == place


def test_a_row_that_does_not_exist():
    with pytest.raises(IndexError, match="expected a row from 0 to 79, got 80"):
        place_of(80, SHAPES)


def test_a_whole_output_is_its_rows():
    torch.manual_seed(0)
    shapes, strides = [(2, 3, 4), (2, 1, 2)], (8, 16)
    raw = [torch.randn(2, *shape, 8) for shape in shapes]
    anchors = torch.rand(2, 2, 2) + 0.5
    decoded = decode(raw, anchors, strides)
    assert decoded.shape == (2, 2 * 12 + 2 * 2, 8)
    for row in range(decoded.shape[1]):
        place = place_of(row, shapes)
        logits = raw[place.level][:, place.anchor, place.row, place.column]
        boxes = decode_boxes(
            logits[:, :4],
            torch.tensor([[place.column, place.row]]).expand(2, 2),
            anchors[place.level, place.anchor].expand(2, 2),
            torch.full((2, 1), float(strides[place.level])),
        )
        centre, half = decoded[:, row, :2], decoded[:, row, 2:4] / 2
        corners = torch.cat((centre - half, centre + half), dim=1)
        torch.testing.assert_close(corners, boxes, rtol=0, atol=1e-4)
        torch.testing.assert_close(decoded[:, row, 4:], logits[:, 4:].sigmoid())
