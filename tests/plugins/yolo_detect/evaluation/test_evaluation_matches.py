"""The table of matches: its columns, its thresholds, and the table of the best detections."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import (
    OBJECTS,
    ROWS,
    A,
    B,
    coco_dataset,
    coco_results,
    hard_data,
    metric_of,
    table_of,
)

from nntasks.plugins.yolo_detect.evaluation.matches import COCO_THRESHOLDS, match_table


def test_each_rule_by_hand():
    crowd = [100.0, 0.0, 100.0, 100.0]
    objects = [(1, 1, [0.0, 0.0, 50.0, 50.0], False, 2500.0), (1, 1, crowd, True, 10000.0)]
    rows = [
        (1, 1, [0.0, 0.0, 50.0, 50.0], 0.9),  # right
        (1, 1, [0.0, 0.0, 50.0, 49.0], 0.8),  # a duplicate: wrong
        (1, 1, [110.0, 10.0, 20.0, 20.0], 0.7),  # inside the crowd region: ignored
        (1, 1, [150.0, 10.0, 20.0, 20.0], 0.6),  # likewise, by the same region
        (1, 1, [300.0, 300.0, 20.0, 20.0], 0.5),  # on nothing: wrong
    ]
    table = metric_of(coco_dataset([1], [1], objects), coco_results(rows)).table()
    assert table.matched(0).tolist() == [0, -1, 1, 1, -1]
    assert table.ignored(0).tolist() == [False, False, True, True, False]
    assert table.counted_truths().tolist() == [1]
    # In the range of large objects the medium object is ignored, and so is the unmatched rest.
    assert table.ignored(0, area=3).all()
    assert table.counted_truths(area=3).tolist() == [0]


def test_detections_are_ranked_by_class_and_falling_score():
    rows = [(2, 1, A, 0.5), (1, 2, A, 0.4), (1, 1, A, 0.7), (1, 2, B, 0.9)]
    table = table_of(OBJECTS, rows)
    found = table.detections
    assert found.score.tolist() == [0.7, 0.5, 0.9, 0.4]
    assert found.label.tolist() == [0, 0, 1, 1]
    assert found.image.tolist() == [0, 1, 0, 0]
    assert found.place.tolist() == [0, 0, 0, 1]
    assert found.box[2].tolist() == B
    assert table.class_starts.tolist() == [0, 2, 4]
    assert len(found) == 4
    assert found.taken(found.place == 0).score.tolist() == [0.7, 0.5, 0.9]


def test_matched_points_at_an_object_of_the_same_class():
    table = table_of(OBJECTS, [*ROWS, (1, 2, B, 0.3)])
    matched = table.matched(0)
    assert (matched >= 0).tolist() == [True, False, False, False, True]
    hit = matched >= 0
    np.testing.assert_array_equal(table.truths.label[matched[hit]], table.detections.label[hit])
    np.testing.assert_array_equal(table.truths.box[matched[hit]], table.detections.box[hit])
    assert len(table.truths) == 3


def test_a_detection_outside_of_an_area_range_is_ignored_unless_it_matches():
    table = table_of(OBJECTS, ROWS)
    assert table.ignored(0).tolist() == [False] * 4
    assert table.ignored(0, area=1).tolist() == [True, True, True, False]  # 20 x 20 is small
    assert table.ignored(0, area=2).tolist() == [False, False, False, True]
    assert [table.counted_truths(area).tolist() for area in range(4)] == [
        [2, 1],
        [0, 0],
        [2, 1],
        [0, 0],
    ]


def test_thresholds_are_found_by_their_value():
    records = metric_of(coco_dataset([1], [1], OBJECTS[:1]), []).records()
    extra = match_table(records, ["one"], extra_thresholds=[0.3, 0.5, 0.3, 0.77])
    assert extra.thresholds.tolist() == [0.3, *COCO_THRESHOLDS[:6], 0.77, *COCO_THRESHOLDS[6:]]
    assert extra.threshold_index(0.77) == 7
    assert extra.coco_indices == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
    single = match_table(
        records, ["one"], thresholds=COCO_THRESHOLDS.astype(np.float32).astype(float)
    )
    assert single.threshold_index(0.55) == 1  # in single precision it is the same one
    with pytest.raises(KeyError, match=r"the table has no IoU threshold 0\.3"):
        single.threshold_index(0.3)


def test_at_most_so_many_detections_of_an_image_and_class():
    table = table_of(OBJECTS, ROWS, max_detections=1)
    assert table.best(1).detections.score.tolist() == [0.9, 0.6]


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_the_best_keep_their_matches(count):
    table = metric_of(*hard_data(5)).table()
    best = table.best(count)
    keep = table.detections.place < count
    assert best.max_detections == min(count, 100)
    np.testing.assert_array_equal(best.detections.index, table.detections.index[keep])
    for area in range(4):
        for level in (0, 5, 9):
            np.testing.assert_array_equal(
                best.matched(level, area), table.matched(level, area)[keep]
            )
            np.testing.assert_array_equal(
                best.ignored(level, area), table.ignored(level, area)[keep]
            )


def test_nothing_at_all():
    table = table_of([], [])
    assert table.matched(0).shape == (0,)
    assert table.class_starts.tolist() == [0, 0, 0]
    assert table.counted_truths().tolist() == [0, 0]
