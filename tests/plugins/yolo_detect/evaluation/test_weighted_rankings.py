"""Rankings of weighted images: copies by hand, and averages against those of each program."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation.coco import coco_numbers
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import AVERAGES, Rules
from nntasks.plugins.yolo_detect.evaluation.weighted_rankings import (
    rankings_of_program,
    rankings_of_table,
    weighted_average,
    with_copies,
)

LABEL, SCORE = np.array([0, 0, 0, 0]), np.array([0.9, 0.9, 0.9, 0.5])


def copies(image, has_row, most, *, label=LABEL, score=SCORE):
    found = with_copies(label, score, np.array(image), np.array(has_row), np.array(most))
    return [column.tolist() for column in found]


def test_equal_scores_of_one_image_take_turns():
    owner, copy = copies([0, 0, 1, 1], [True, False, False, True], [2, 3])
    assert owner == [0, 1, 0, 1, 2, 3]
    assert copy == [1, 1, 2, 2, 0, 0]


@pytest.mark.parametrize(
    ("image", "has_row", "label", "score"),
    [
        ([0, 0, 0, 0], [False, False, False, True], LABEL, SCORE),  # no tie touches an object
        ([0, 1, 2, 2], [True] * 4, LABEL, SCORE),  # ties of different images
        ([0, 0, 0, 0], [True] * 4, np.arange(4), SCORE),  # of different classes
    ],
)
def test_others_stand_for_all_copies(image, has_row, label, score):
    assert copies(image, has_row, [3, 3, 3], label=label, score=score) == [[0, 1, 2, 3], [0] * 4]


def test_an_image_that_is_never_drawn_leaves_its_ties_out():
    assert copies([0, 0, 1, 1], [True] * 4, [0, 2]) == [[2, 3], [0, 0]]


def test_nothing_has_no_copies():
    none = np.empty(0, int)
    assert copies(none, none.astype(bool), [1], label=none, score=none * 1.0) == [[], []]


def truths_of(label, image, classes, weights):
    return np.stack(
        [np.bincount(label, weights=w[image], minlength=classes) for w in weights], axis=-1
    ).astype(np.int64)


def test_columns_of_coco_with_every_weight_one():
    table = metric_of(*hard_data(6)).table()
    weights = np.ones((1, len(table.image_ids)), np.uint8)
    truths = np.stack([table.counted_truths(area) for area in range(4)])[..., None]
    ours, _ = weighted_average(rankings_of_table(table, weights[0]), truths, weights, "coco")
    np.testing.assert_allclose(ours[..., 0], coco_numbers(table).precision, rtol=0, atol=1e-12)


@pytest.mark.parametrize("average", AVERAGES)
def test_averages_of_programs_with_every_weight_one(average):
    metric = metric_of(*hard_data(6))
    ranking = rank(Problem.of(metric.class_names, metric.records()), Rules())
    classes = len(ranking.truths)
    weights = np.ones((1, len(metric.records().image_ids)), np.uint8)
    rankings, owner = rankings_of_program(ranking, weights[0])
    counted = np.bincount(ranking.label[owner], minlength=classes)
    ours, hits = weighted_average(
        rankings, ranking.truths[None, :, None], weights, average, counted[:, None]
    )
    np.testing.assert_array_equal(hits[0].sum(axis=(1, 2)), ranking.right.sum(axis=1))
    if average == "yolov5":  # its last line needs the number of those that count
        has_ignored = (~ranking.counted).any(axis=0)
        plain = ~np.isin(np.arange(classes), ranking.label[has_ignored])
    else:
        plain = np.ones(classes, bool)
    expected = ranking.average_precision(average)
    np.testing.assert_allclose(ours[0, :, plain, 0].T, expected[:, plain], rtol=0, atol=1e-12)
    assert plain.sum() > 1


def test_an_image_of_weight_two_counts_twice():
    """One object each: image 0 is found by the surer detection, image 1 is missed."""
    none = np.empty(0, np.int64)
    ranking = Ranking(
        label=np.array([0, 0]),
        score=np.array([0.9, 0.8]),
        right=np.array([[True, False]]),
        counted=np.array([[True, True]]),
        truths=np.array([2]),
        place=np.array([0, 0]),
        image=np.array([0, 1]),
        truth_image=none,
        truth_label=none,
    )
    weights = np.array([[1, 1], [2, 1], [1, 3], [0, 1]], np.uint8)
    rankings, owner = rankings_of_program(ranking, weights.max(axis=0))
    assert owner.tolist() == [0, 1]
    truths = weights.sum(axis=1)[None, None].astype(np.int64)
    ours, hits = weighted_average(rankings, truths, weights, "voc10")
    assert ours.ravel().tolist() == pytest.approx([1 / 2, 2 / 3, 1 / 4, 0])
    assert hits.ravel().tolist() == [1, 2, 1, 0]
