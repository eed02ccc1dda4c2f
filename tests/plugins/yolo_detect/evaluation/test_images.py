"""The counts of each image."""

from __future__ import annotations

import math

from detection_oracle import OBJECTS, ROWS, hard_data, metric_of, table_of

from nntasks.plugins.yolo_detect.evaluation.images import image_rows


def counts(row):
    return (
        row.objects,
        row.detections,
        row.true_positives,
        row.false_positives,
        row.false_negatives,
    )


def test_an_example_by_hand():
    first, second, third = image_rows(table_of(OBJECTS, ROWS), 0.5, 0.5)
    assert (first.image_id, second.image_id, third.image_id) == (1, 2, 3)
    assert counts(first) == (2, 3, 1, 2, 1)
    assert first.f1 == 2 / 5
    assert counts(second) == (1, 1, 0, 1, 1)
    assert second.f1 == 0
    assert counts(third) == (0, 0, 0, 0, 0)
    assert math.isnan(third.f1)


def test_a_score_equal_to_the_confidence_counts():
    at, above = (image_rows(table_of(OBJECTS, ROWS), 0.5, score)[0] for score in (0.8, 0.81))
    assert (at.detections, above.detections) == (2, 1)


def test_a_stricter_overlap_makes_a_hit_a_miss():
    table = table_of(OBJECTS, [(2, 1, [0.0, 0.0, 40.0, 30.0], 0.9)])  # IoU 0.75
    assert [counts(image_rows(table, iou, 0.5)[1]) for iou in (0.75, 0.8)] == [
        (1, 1, 1, 0, 0),
        (1, 1, 0, 1, 1),
    ]


def test_crowd_regions_and_what_lies_in_them_are_left_out():
    crowd = (3, 1, [200.0, 0.0, 100.0, 100.0], True, 10000.0)
    inside = (3, 1, [210.0, 10.0, 40.0, 40.0], 0.99)
    assert counts(image_rows(table_of([crowd], [inside]), 0.5, 0.5)[2]) == (0, 0, 0, 0, 0)


def test_hits_and_misses_add_up_on_hard_data():
    table = metric_of(*hard_data(4)).table()
    rows = image_rows(table, 0.5, 0.0)
    assert sum(row.objects for row in rows) == table.counted_truths().sum()
    assert all(row.true_positives + row.false_negatives == row.objects for row in rows)
    assert all(row.true_positives + row.false_positives == row.detections for row in rows)
