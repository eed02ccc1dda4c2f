"""Plain rows of a COCO file are read as all others; a row that is not plain is left to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nntasks.datasets.faults import Faults
from nntasks.plugins.yolo_detect.data import coco_rows
from nntasks.plugins.yolo_detect.data.coco_columns import CocoObjects, plain_objects
from nntasks.plugins.yolo_detect.data.coco_rows import CocoImage, CocoRows

PLACES, LABELS = {1: 0, 5: 1}, {3: 0, 7: 1}
IMAGES = [CocoImage(1, Path("a.png"), (40, 30)), CocoImage(5, Path("b.png"), (40, 30))]


def rows(**changed: Any) -> list[dict[str, Any]]:
    """Return three sound rows; the second has the changed values."""
    sound = [
        {"id": n, "image_id": 1 + 4 * (n % 2), "category_id": 3 + 4 * (n % 2)}
        | {"bbox": [1, 2.5, 3, n], "area": 6.5 * n, "iscrowd": n % 2}
        for n in range(3)
    ]
    sound[1].update(changed)
    return sound


def same(one: CocoObjects, other: CocoObjects) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_plain_rows_are_read_as_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = plain_objects(rows(), PLACES, LABELS)
    assert plain is not None
    monkeypatch.setattr(coco_rows, "plain_objects", lambda *_: None)
    faults = Faults()
    slow = CocoRows(Path("x.json"), faults).objects(rows(), IMAGES, {3: "cat", 7: "dog"})
    assert faults.count == 0
    assert same(plain, slow)
    assert plain.boxes.tolist() == [[1, 2.5, 3, 0], [1, 2.5, 3, 1], [1, 2.5, 3, 2]]


@pytest.mark.parametrize(
    "changed",
    [
        {"id": 0},
        {"id": None},
        {"id": "1"},
        {"id": True},
        {"image_id": 2},
        {"image_id": "5"},
        {"image_id": True},
        {"category_id": 4},
        {"category_id": 7.0},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"bbox": [1, 2, -3, 4]},
        {"bbox": [1, 2, float("nan"), 4]},
        {"bbox": [1, 2, float("inf"), 4]},
        {"bbox": [1, 2, 3, "4"]},
        {"bbox": [True, 2, 3, 4]},
        {"bbox": [10**400, 2, 3, 4]},
        {"bbox": "1234"},
        {"bbox": None},
        {"area": -1},
        {"area": None},
        {"area": float("inf")},
        {"iscrowd": 2},
        {"iscrowd": None},
        {"iscrowd": True},
    ],
)
def test_rows_that_are_not_plain_are_left(changed: dict[str, Any]) -> None:
    assert plain_objects(rows(**changed), PLACES, LABELS) is None


@pytest.mark.parametrize("row", [None, 3, [], "x", {}, {"id": 1}])
def test_what_is_no_row_is_left(row: Any) -> None:
    assert plain_objects([*rows(), row], PLACES, LABELS) is None


def test_no_rows_are_no_objects() -> None:
    found = CocoObjects.of([])
    assert found.boxes.shape == (0, 4)
    assert [len(column) for column in found] == [0] * 5
