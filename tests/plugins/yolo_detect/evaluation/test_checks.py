"""The cross-checks agree on any data, count what is there, and see a number that is wrong."""

from __future__ import annotations

import math

import pytest
from detection_oracle import OBJECTS, ROWS, hard_data, metric_of, table_of

from nntasks.plugins.yolo_detect.evaluation.checks import cross_checks
from nntasks.plugins.yolo_detect.evaluation.coco import coco_numbers

MAP50 = 51 / 202  # class 1: precision 1 at the 51 recalls up to 1/2; class 2: 0


def test_an_example_counted_by_hand():
    checks = cross_checks(table_of(OBJECTS, ROWS), 0.5, 0.5, MAP50)
    expected = [1, 2, 2, 2, 2, 3, 1, MAP50]
    assert [check.left for check in checks] == expected
    assert [check.right for check in checks] == pytest.approx(expected)
    assert len({check.what for check in checks}) == len(checks)


def test_a_higher_confidence_leaves_the_duplicate_and_the_rest_out():
    checks = cross_checks(table_of(OBJECTS, ROWS), 0.5, 0.85, MAP50)
    assert [check.left for check in checks[4:7]] == [2, 0, 1]  # missed, false, true


@pytest.mark.parametrize("seed", range(4))
def test_they_agree_to_the_last_bit_on_hard_data(seed):
    table = metric_of(*hard_data(seed)).table()
    reported = coco_numbers(table).summary()["map50"]
    for check in cross_checks(table, 0.5, 0.3, reported):
        assert check.left == check.right, check.what
        assert check.tolerance == 0


def test_a_wrong_map_is_seen_and_alone():
    table = metric_of(*hard_data(1)).table()
    wrong = coco_numbers(table).summary()["map50"] + 1e-9
    checks = cross_checks(table, 0.5, 0.3, wrong)
    assert [check.what for check in checks if check.left != check.right] == [
        "map50: as reported, detection by detection"
    ]


def test_map_counts_the_best_detections_alone():
    """A table may keep more than COCO counts; the check must cut it as the metric does."""
    rows = [(1, 1, [300.0, 300.0, 20.0, 20.0], 0.95), *ROWS]
    table = table_of(OBJECTS, rows)
    best = coco_numbers(table.best(1)).summary()["map50"]
    assert cross_checks(table, 0.5, 0.5, best, coco_most=1)[-1].right == best == 0
    assert cross_checks(table, 0.5, 0.5, best)[-1].right > 0


def test_without_objects_map_is_nan_on_both_sides():
    check = cross_checks(table_of([], ROWS), 0.5, 0.5, math.nan)[-1]
    assert math.isnan(check.left)
    assert math.isnan(check.right)
