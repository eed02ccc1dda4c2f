"""The ranking of a program: what is right, what counts, and the average precision of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detection_oracle import OBJECTS, ROWS, A, B, coco_dataset, coco_results
from problems import problem_of

from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, rank, ranked
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules


def made(right, counted, truths, label):
    none = np.empty(0, np.int64)
    length = len(label)
    return Ranking(
        label=np.array(label),
        score=np.linspace(1, 0, length),
        right=np.array([right]),
        counted=np.array([counted]),
        truths=np.array(truths),
        place=np.arange(length),
        image=np.zeros(length, np.int64),
        truth_image=none,
        truth_label=none,
    )


def test_ignored_detections_have_no_rank_and_classes_without_objects_no_value():
    right = [True, False, True, False]
    ignoring = made(right, [True, False, True, True], [2, 0], [0, 0, 0, 1])
    assert ignoring.average_precision("voc10")[0, 0] == 1
    assert np.isnan(ignoring.average_precision("voc10")[0, 1])
    counting = made(right, [True] * 4, [2, 0], [0, 0, 0, 1])
    assert counting.average_precision("voc10")[0, 0] == pytest.approx((1 + 2 / 3) / 2)


def test_segments_name_every_class_also_an_empty_one():
    ranking = made([True] * 3, [True] * 3, [1, 4, 2], [0, 2, 2])
    assert [(label, truths, one.start, one.stop) for label, truths, one in ranking.segments()] == [
        (0, 1, 0, 1),
        (1, 4, 1, 1),
        (2, 2, 1, 3),
    ]


def example(objects=OBJECTS, rows=ROWS):
    return problem_of(coco_dataset([1, 2, 3], [1, 2], objects), coco_results(rows))


def test_an_example_by_hand():
    ranking = rank(example(rows=[*ROWS, (1, 2, B, 0.3)]), Rules())
    assert ranking.label.tolist() == [0, 0, 0, 0, 1]
    assert ranking.score.tolist() == [0.9, 0.8, 0.7, 0.6, 0.3]
    assert ranking.right[0].tolist() == [True, False, False, False, True]
    assert ranking.counted.all()
    assert ranking.place.tolist() == [0, 1, 2, 0, 0]
    assert ranking.image.tolist() == [0, 0, 0, 1, 0]
    assert ranking.truths.tolist() == [2, 1]
    assert sorted(zip(ranking.truth_image, ranking.truth_label, strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]


def test_an_object_with_the_id_zero_is_used_up_where_the_program_loses_it():
    case = example()
    lost = replace(case, without_id=case.records.truths.label == 0)
    right = {name: rank(lost, Rules(id_zero=name)).right[0] for name in ("matched", "lost")}
    assert right["matched"].tolist() == [True, False, False, False]
    assert not right["lost"].any()
    assert rank(lost, Rules(id_zero="lost")).truths.tolist() == [2, 1]


def test_difficult_objects_are_neither_objects_nor_right_nor_wrong():
    case = example()
    hard = replace(case, difficult=np.ones(3, bool))
    ranking = rank(hard, Rules(difficult="ignored"))
    assert ranking.truths.tolist() == [0, 0]
    assert ranking.counted[0].tolist() == [False, True, True, True]
    assert not ranking.right.any()


def test_ranges_leave_out_what_lies_outside():
    small, medium = ranked(example(), Rules(), np.array([[0.0, 1024.0], [1024.0, 9216.0]]))
    assert small.truths.tolist() == [0, 0]
    assert small.counted[0].tolist() == [False, False, False, True]  # 20 x 20
    assert medium.truths.tolist() == [2, 1]
    assert medium.counted[0].tolist() == [True, True, True, False]
    assert medium.right[0].tolist() == [True, False, False, False]


def test_equal_scores_stay_in_the_order_of_the_images():
    rows = [(3, 1, A, 0.5), (1, 1, A, 0.5), (2, 1, A, 0.5), (2, 1, B, 0.5)]
    ranking = rank(example(rows=rows), Rules())
    assert ranking.image.tolist() == [0, 1, 1, 2]
    assert ranking.right[0].tolist() == [True, True, False, False]


def test_nothing_at_all():
    ranking = rank(example([], []), Rules())
    assert ranking.right.shape == (10, 0)
    assert np.isnan(ranking.average_precision("coco")).all()
