"""The confusion matrix by hand, and what must agree with it."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data, metric_of

CAT, DOG, NOTHING = 0, 1, 2
LEFT, RIGHT, FAR = [0.0, 0.0, 50.0, 50.0], [100.0, 0.0, 50.0, 50.0], [300.0, 300.0, 50.0, 50.0]


def matrix(objects, rows, **settings):
    objects = [(1, label, box, crowd, 2500.0) for label, box, crowd in objects]
    rows = [(1, label, box, score) for label, box, score in rows]
    metric = metric_of(coco_dataset([1], [CAT, DOG], objects), coco_results(rows), **settings)
    return metric.confusion_matrix()


def cells(*entries):
    expected = np.zeros((3, 3), dtype=np.int64)
    for row, column in entries:
        expected[row, column] += 1
    return expected


def test_right_wrong_missed_and_taken_for_another():
    found = matrix(
        [(CAT, LEFT, False), (DOG, RIGHT, False), (DOG, FAR, False)],
        [(CAT, LEFT, 0.9), (CAT, RIGHT, 0.8), (DOG, [200.0, 200.0, 9.0, 9.0], 0.7)],
    )
    expected = cells((CAT, CAT), (DOG, CAT), (NOTHING, DOG), (DOG, NOTHING))
    np.testing.assert_array_equal(found, expected)


def test_the_own_class_comes_first_even_with_a_lower_score():
    found = matrix([(CAT, LEFT, False)], [(DOG, LEFT, 0.9), (CAT, LEFT, 0.5)])
    np.testing.assert_array_equal(found, cells((CAT, CAT), (NOTHING, DOG)))


def test_a_duplicate_is_a_detection_of_nothing():
    found = matrix([(CAT, LEFT, False)], [(CAT, LEFT, 0.9), (CAT, LEFT, 0.5)])
    np.testing.assert_array_equal(found, cells((CAT, CAT), (NOTHING, CAT)))


def test_low_confidence_counts_for_nothing():
    found = matrix([(CAT, LEFT, False)], [(CAT, LEFT, 0.2)])
    np.testing.assert_array_equal(found, cells((CAT, NOTHING)))
    found = matrix([(CAT, LEFT, False)], [(CAT, LEFT, 0.2)], confidence=0.2)
    np.testing.assert_array_equal(found, cells((CAT, CAT)))


def test_crowds_and_what_falls_to_them_stay_out():
    inside = [5.0, 5.0, 10.0, 10.0]
    found = matrix([(CAT, LEFT, True)], [(CAT, inside, 0.9), (DOG, inside, 0.9)])
    np.testing.assert_array_equal(found, cells((NOTHING, DOG)))


def test_among_the_left_over_the_higher_score_is_served_first():
    close = [0.0, 0.0, 50.0, 45.0]
    found = matrix([(CAT, LEFT, False)], [(DOG, close, 0.9), (DOG, LEFT, 0.8)], iou_threshold=0.6)
    np.testing.assert_array_equal(found, cells((CAT, DOG), (NOTHING, DOG)))


@pytest.mark.parametrize("iou", [0.3, 0.5, 0.62, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_cross_checks_hold(seed, iou):
    metric = metric_of(*hard_data(seed), iou_threshold=iou, confidence=0.25)
    checks = metric.cross_checks()
    assert len(checks) == 8
    for check in checks:
        assert check.left == check.right, check.what


def test_cross_checks_notice_a_wrong_map():
    from nntasks.plugins.yolo_detect.evaluation.checks import cross_checks

    metric = metric_of(*hard_data(1))
    wrong = np.nextafter(metric.compute()["map50"], 1)
    last = cross_checks(metric.table(), 0.5, 0.25, wrong)[-1]
    assert last.left != last.right


def test_numbers_at_the_confidence_come_from_the_matrix():
    metric = metric_of(*hard_data(2))
    found, numbers = metric.confusion_matrix(), metric.compute()
    right = np.trace(found)
    assert numbers["precision"] == right / found[:, :-1].sum()
    assert numbers["recall"] == right / found[:-1].sum()
    assert numbers["objects"] == found[:-1].sum()
    rows = metric.image_rows()
    assert sum(row["true_positives"] for row in rows) == right
    assert all(
        row["true_positives"] + row["false_negatives"] == row["objects"]
        and row["true_positives"] + row["false_positives"] == row["detections"]
        for row in rows
    )
