"""COCO results: what is read of a row, and which row is at fault and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.data.coco_results import read_results, score_of
from nntasks.plugins.yolo_detect.data.coco_rows import WrongRow

WITHOUT_IMAGE = {"category_id": 7, "score": 0.5, "bbox": [1, 2, 3, 4]}
IMAGES, CLASSES = {5: 0, "b": 1}, {7: 0, "dog": 1}
ROW = {"image_id": 5, "category_id": 7, "score": 0.5, "bbox": [1, 2, 3, 4]}


def read(*rows):
    faults = Faults()
    found = list(read_results(Path("found.json"), rows, IMAGES.get, CLASSES.get, faults))
    return found, faults


def test_rows_are_read_in_order_with_places_and_labels():
    found, faults = read(ROW, {**ROW, "image_id": "b", "category_id": "dog", "score": "0.25"})
    assert found == [(0, 0, 0.5, (1, 2, 3, 4)), (1, 1, 0.25, (1, 2, 3, 4))]
    assert faults.count == 0


@pytest.mark.parametrize("key", ["category", "category_name"])
def test_a_name_stands_in_for_an_unknown_number(key):
    ((_, label, *_),), _ = read({**ROW, "category_id": 99, key: "dog"})
    assert label == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1, 2], r"expected a mapping, got \[1, 2\]"),
        ({**ROW, "image_id": 6}, "image_id 6 is not in the truth"),
        (
            {k: v for k, v in ROW.items() if k != "image_id"},
            "expected the key 'image_id', got none",
        ),
        ({**ROW, "category_id": 8}, "category_id 8 is not in the truth"),
        ({**ROW, "category_id": 8, "category": "cow"}, "category_id 8 is not in the truth"),
        ({**ROW, "category_id": None}, "expected the key 'category_id', got null"),
        ({**ROW, "score": -0.1}, r"expected a number in 0\.\.1 as 'score', got -0\.1"),
        (
            {**ROW, "bbox": [1, 2, 3]},
            r"expected 4 numbers \(x, y, .*\) as 'bbox', got 3",
        ),
    ],
)
def test_a_faulty_row_is_named_and_the_others_are_read(row, said):
    found, faults = read(ROW, row, ROW)
    assert len(found) == 2
    with pytest.raises(UsageError, match=rf"^found\.json: row 1: {said}$"):
        faults.refuse()


@pytest.mark.parametrize("value", [0, 1, 0.5, "1e-3"])
def test_scores_that_are_taken(value):
    assert score_of({"score": value}) == float(value)


@pytest.mark.parametrize("value", [True, "high", float("nan"), 2, [0.5], "1_0"])
def test_scores_that_are_not(value):
    with pytest.raises(WrongRow, match=r"expected a number in 0\.\.1 as 'score', got"):
        score_of({"score": value})
