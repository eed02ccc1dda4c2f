"""Boxes given as lists, and their IoU."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect import Boxes, iou


def test_iou_of_boxes_worked_out_by_hand():
    assert iou([0, 0, 2, 2], [[1, 1, 3, 3], [0, 0, 2, 2], [5, 5, 6, 6]]).tolist() == [[1 / 7, 1, 0]]
    found = Boxes.of([[0, 0, 1, 1], [0, 0, 2, 1]], [0.5, 0.4])
    assert iou(found, found).tolist() == [[1, 0.5], [0.5, 1]]


def test_rows_have_names():
    found = Boxes.of([[0, 1, 2, 3], [4, 5, 6, 7]], [0.5, 0.75], [1, 0], ["cat", "dog"])
    assert found.table[0] == {
        "box": 0,
        "class": "dog",
        "score": 0.5,
        "x1": 0.0,
        "y1": 1.0,
        "x2": 2.0,
        "y2": 3.0,
    }
    assert found[found.scores > 0.6].table.column("class") == ["cat"]
    assert len(found[1]) == 1
    assert len(Boxes.of([], [])) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Boxes.of([[0, 0, 1, 1]], [0.5, 0.4]), r"of 1 boxes, got \(2,\) and \(1,\)"),
        (lambda: Boxes.of(np.zeros((2, 8)), [0.5] * 4), r"expected boxes \(N, 4\), got \(2, 8\)"),
        (
            lambda: Boxes.of([[0, 0, 1, 1]], [0.5], [2], ["a", "b"]),
            "expected labels in 0..1, got 2 to 2",
        ),
        (lambda: iou([0, 0, 1], [0, 0, 1, 1]), r"iou: expected boxes \(N, 4\), got \(3,\)"),
    ],
)
def test_wrong_input_is_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
