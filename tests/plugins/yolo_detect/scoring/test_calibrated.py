"""Calibration errors of an example counted by hand, and where positions are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detection_oracle import OBJECTS, ROWS, coco_dataset, coco_results, metric_of, table_of

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.scoring.calibrated import (
    calibration_errors,
    calibration_table,
    errors_of,
    sizes_of,
)
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage

IMAGES = [TrueImage(3, "3.png", (50, 60)), TrueImage(1, "1.png", (400, 400))]
# Confidences 0.9, 0.8, 0.7 and 0.6, each in a bin of its own, of which the first alone is right.
ERROR = (0.1 + 0.8 + 0.7 + 0.6) / 4


def test_sizes_go_by_the_images_of_the_table():
    table = table_of(OBJECTS, ROWS)
    second = TrueImage(2, "2.png", (7, 8))
    assert sizes_of(table, [*IMAGES, second]).tolist() == [[400, 400], [7, 8], [50, 60]]


@pytest.mark.parametrize("second", [(), (TrueImage(2, "2.png", (0, 0)),)])
def test_one_unknown_size_makes_positions_unknown(second):
    table = table_of(OBJECTS, ROWS)
    assert sizes_of(table, [*IMAGES, *second]) is None
    assert list(errors_of(table, None)) == ["d_ece"]


def test_an_example_by_hand():
    found = errors_of(table_of(OBJECTS, ROWS), np.full((3, 2), 400.0))
    assert list(found) == ["d_ece", "d_ece_position"]
    assert found["d_ece"].value == pytest.approx(ERROR)
    assert found["d_ece_position"].value == pytest.approx(ERROR)


def test_errors_of_a_problem_count_more_detections_than_coco():
    """150 detections of one confidence, of which one is right: COCO keeps the best hundred."""
    rows = [(1, 1, OBJECTS[0][2], 0.5)] * 150
    metric = metric_of(coco_dataset([1, 2], [1, 2], OBJECTS), coco_results(rows))
    case = Problem.of(metric.class_names, metric.records())
    assert calibration_errors(case, [])["d_ece"].value == pytest.approx(0.5 - 1 / 150)


def test_without_detections_there_is_no_error():
    assert math.isnan(errors_of(table_of(OBJECTS, []), None)["d_ece"].value)


def test_a_row_of_the_table_for_each_set_and_number():
    error = errors_of(table_of(OBJECTS, ROWS), np.full((3, 2), 400.0))
    table = calibration_table({"mine": error, "other": {"d_ece": error["d_ece"]}})
    assert table.columns == ("found", "number", "value", "low", "high")
    assert [row[:2] for row in table.rows] == [
        ("mine", "d_ece"),
        ("mine", "d_ece_position"),
        ("other", "d_ece"),
    ]
    assert table.rows[0][2:] == tuple(error["d_ece"])
