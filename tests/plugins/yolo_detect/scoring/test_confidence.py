"""Intervals and differences of two sets of detections on the same resamples."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import A, B, coco_dataset, coco_results, metric_of

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.scoring.confidence import Resampled

COUNT = 12
# An object of each class in each image, but for a third class that is nowhere.
OBJECTS = [(n, label, box, False, 1600.0) for n in range(COUNT) for label, box in ((1, A), (2, B))]
ALL = [(n, label, box, 0.9) for n, label, box, *_ in OBJECTS]
NUMBERS = {"pycocotools": ["map50", "map50_95"], "voc_2010": ["map50"]}


def problem_of(rows):
    metric = metric_of(coco_dataset(range(COUNT), [1, 2, 3], OBJECTS), coco_results(rows))
    return Problem.of(["cat", "dog", "owl"], metric.records())


@pytest.fixture(scope="module")
def resampled():
    """All objects found, and half of the cats alone."""
    half = [row for row in ALL if row[0] % 2 and row[1] == 1]
    return Resampled({"all": problem_of(ALL), "half": problem_of(half)}, NUMBERS, 200, [])


def test_what_is_always_right_has_no_width(resampled):
    found = resampled.intervals("all")
    assert list(found) == ["pycocotools", "voc_2010"]
    assert list(found["pycocotools"]) == ["map50", "map50_95"]
    assert found["voc_2010"]["map50"] == [1, 1]


def test_what_varies_lies_within_its_interval(resampled):
    low, high = resampled.intervals("half")["voc_2010"]["map50"]
    assert 0 <= low < 1 / 4 < high <= 1 / 2  # half of the cats, no dog


def test_details_of_the_first_have_no_differences(resampled):
    first = resampled.details("all")
    assert set(first) == {"calibration", "classes"}
    assert first["calibration"]["d_ece"]["value"] == pytest.approx(0.1)
    classes = first["classes"]["voc_2010"]
    assert classes == {
        "cat": {"map50": {"value": 1, "low": 1, "high": 1}},
        "dog": {"map50": {"value": 1, "low": 1, "high": 1}},
    }  # no owl: a class without objects has no number


def test_differences_are_from_the_first(resampled):
    second = resampled.details("half")
    assert second["compared_with"] == "all"
    whole = second["differences"]["voc_2010"]["map50"]
    assert whole["difference"] == pytest.approx(-3 / 4)
    assert whole["high"] < 0
    assert whole["p"] < 0.05
    dog = second["class_differences"]["voc_2010"]["dog"]["map50"]
    assert (dog["difference"], dog["low"], dog["high"]) == (-1, -1, -1)


def test_the_tables_of_all(resampled):
    tables = {table.name: table for table in resampled.tables()}
    assert list(tables) == [
        *("intervals_pycocotools", "differences_pycocotools"),
        *("intervals_voc_2010", "differences_voc_2010"),
        "calibration",
    ]
    rows = tables["intervals_voc_2010"].rows
    assert [row[:2] for row in rows] == [("all", "map50"), ("half", "map50")]
    assert rows[0][2:] == (1, 1, 1)
    (row,) = tables["differences_voc_2010"].rows
    assert row[:2] == ("half - all", "map50")
    assert row[2] == pytest.approx(-3 / 4)


def test_the_tables_of_classes(resampled):
    (own,) = resampled.class_tables("all")
    assert [row[:3] for row in own.rows if row[1] == "voc_2010"] == [
        ("cat", "voc_2010", "map50"),
        ("dog", "voc_2010", "map50"),
    ]
    _, differences = resampled.class_tables("half")
    values = {row[:3]: row[3] for row in differences.rows}
    assert values["dog", "voc_2010", "map50"] == -1
    assert values["cat", "voc_2010", "map50"] == pytest.approx(-1 / 2)


def test_a_set_alone_is_compared_with_nothing():
    alone = Resampled({"all": problem_of(ALL)}, {"voc_2010": ["map50"]}, 20, [])
    assert [table.name for table in alone.tables()] == ["intervals_voc_2010", "calibration"]


def test_the_same_detections_do_not_differ():
    both = Resampled({"a": problem_of(ALL[:7]), "b": problem_of(ALL[:7])}, NUMBERS, 50, [])
    for numbers in both.details("b")["differences"].values():
        for one in numbers.values():
            np.testing.assert_array_equal([one["difference"], one["low"], one["high"]], 0)
