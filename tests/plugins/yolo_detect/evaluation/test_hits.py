"""The ranks of true positives, by area range, threshold and class."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import OBJECTS, ROWS, A, B, hard_data, metric_of, table_of

from nntasks.plugins.yolo_detect.evaluation.hits import ranked_hits


def test_an_example_by_hand():
    hits = ranked_hits(table_of(OBJECTS, [(2, 1, B, 0.95), *ROWS]))
    assert hits.segment(0, 0, 0).tolist() == [2]  # the surest lies on nothing
    assert hits.segment(0, 0, 1).tolist() == []
    assert hits.detections[0, 0].tolist() == [5, 0]
    assert hits.truths.tolist() == [[2, 1], [0, 0], [2, 1], [0, 0]]  # 40 x 40 is medium


def test_ignored_detections_have_no_rank():
    crowd = (3, 1, [200.0, 0.0, 100.0, 100.0], True, 10000.0)
    in_crowd = (3, 1, [210.0, 10.0, 40.0, 40.0], 0.99)
    hits = ranked_hits(table_of([*OBJECTS, crowd], [in_crowd, *ROWS]))
    assert hits.segment(0, 0, 0).tolist() == [1]
    assert hits.detections[0, 0, 0] == 4
    assert hits.truths[0].tolist() == [2, 1]


def test_a_small_range_counts_its_own_detections_only():
    hits = ranked_hits(table_of(OBJECTS, ROWS))
    assert hits.detections[:, 0, 0].tolist() == [4, 1, 3, 0]  # 20 x 20 is small


def test_a_stricter_threshold_takes_the_hit_away():
    hits = ranked_hits(table_of(OBJECTS, [(1, 1, [0.0, 0.0, 40.0, 30.0], 0.9)]))  # IoU 0.75
    assert [len(hits.segment(0, level, 0)) for level in range(10)] == [1] * 6 + [0] * 4


def test_rankings_name_every_class_of_the_chosen_thresholds():
    hits = ranked_hits(table_of(OBJECTS, [*ROWS, (1, 2, B, 0.4), (2, 1, A, 0.3)]))
    rows = list(hits.rankings(0, [9, 0]))
    assert [(place, label) for place, label, *_ in rows] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert rows[2][2].tolist() == [1, 5]
    assert rows[2][3:] == (5, 2)
    assert rows[3][3:] == (1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_ranks_rise_within_their_ranking_and_never_outnumber_objects(seed):
    hits = ranked_hits(metric_of(*hard_data(seed)).table())
    assert hits.bounds[-1] == len(hits.places) > 0
    for area in range(4):
        for _, _, places, detections, truths in hits.rankings(area, list(range(10))):
            assert len(places) <= truths
            assert (np.diff(places, prepend=0) > 0).all()
            assert not len(places) or places[-1] <= detections
