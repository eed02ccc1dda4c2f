"""Average precision of ten boxes, by hand and by scikit-learn."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect import precision_recall
from nntasks.plugins.yolo_detect.evaluation.average_precision import envelope

SCORES = [0.9, 0.85, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1]
CORRECT = [True, True, False, True, False, False, True, False, False, True]


@pytest.fixture
def ten_boxes():
    return precision_recall(SCORES, CORRECT, truths=6)


def test_the_curve_by_hand(ten_boxes):
    hits = [1, 2, 2, 3, 3, 3, 4, 4, 4, 5]
    assert ten_boxes.true_positives.tolist() == hits
    assert ten_boxes.precision.tolist() == [hit / rank for rank, hit in enumerate(hits, 1)]
    assert ten_boxes.recall.tolist() == [hit / 6 for hit in hits]
    assert ten_boxes.envelope[:4].tolist() == [1, 1, 3 / 4, 3 / 4]
    assert np.array_equal(ten_boxes.envelope[ten_boxes.places - 1], envelope(ten_boxes.places))


def test_the_areas_by_hand(ten_boxes):
    heights = [Fraction(1), Fraction(1), Fraction(3, 4), Fraction(4, 7), Fraction(1, 2)]
    assert ten_boxes.average_precision("voc10") == pytest.approx(float(sum(heights) / 6), abs=1e-15)
    # 11 recalls: 0 to 0.3 reach the first two true positives, 0.4 and 0.5 the third, ...
    eleven = [1] * 4 + [Fraction(3, 4)] * 2 + [Fraction(4, 7)] + [Fraction(1, 2)] * 2 + [0] * 2
    assert ten_boxes.average_precision("voc07") == pytest.approx(float(sum(eleven) / 11), abs=1e-15)
    levels = [Fraction(level, 100) for level in range(101)]
    reached = [
        next((h for k, h in enumerate(heights, 1) if Fraction(k, 6) >= r), 0) for r in levels
    ]
    assert ten_boxes.average_precision() == pytest.approx(float(sum(reached) / 101), abs=1e-15)


def test_scikit_learn_gives_the_same_points():
    rng = np.random.default_rng(0)
    scores, correct = rng.permutation(50) / 50, rng.random(50) < 0.4
    ours = precision_recall(scores, correct, int(correct.sum()))
    precision, recall, _ = precision_recall_curve(correct, scores)
    assert np.allclose(ours.precision, precision[:-1][::-1], atol=1e-15)
    assert np.allclose(ours.recall, recall[:-1][::-1], atol=1e-15)
    steps = np.diff(np.concatenate([[0], ours.recall]))
    assert (steps * ours.precision).sum() == pytest.approx(average_precision_score(correct, scores))


def test_equal_scores_keep_their_order():
    found = precision_recall([0.5, 0.9, 0.5], [True, False, False], 1)
    assert found.correct.tolist() == [False, True, False]


def test_without_objects_or_detections():
    assert np.isnan(precision_recall([0.5], [False], 0).average_precision())
    assert precision_recall([], [], 3).average_precision() == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall([0.5], [True, False], 2), r"got \(1,\) and \(2,\)"),
        (lambda: precision_recall([0.5, 0.4], [True, True], 1), "at least 2 objects"),
        (
            lambda: precision_recall([0.5], [True], 1).average_precision("mine"),
            "rule: expected one of coco, voc07",
        ),
    ],
)
def test_wrong_input_is_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
