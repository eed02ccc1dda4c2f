"""The curve of a category by hand, and results read from what an evaluation left."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.coco_api.class_results import ClassResults, from_images

RECALLS = np.array([0.0, 0.5, 0.75, 1.0])


def results(right, ignored=None, objects=4, place=None):
    count = len(right)
    return ClassResults(
        np.linspace(0.9, 0.5, count),
        np.arange(count) if place is None else np.array(place),
        np.array([[right]], bool),
        np.array([[[False] * count if ignored is None else ignored]], bool),
        np.array([objects]),
    )


def test_precision_is_the_best_at_each_recall_or_above():
    """Hits at ranks 1, 3 and 4 of four objects: precision 1, 2/3, 3/4 at recall 1/4, 1/2, 3/4."""
    recall, precision, scores = results([1, 0, 1, 1, 0]).curve(0, 0, RECALLS)
    assert recall == 3 / 4
    assert precision.tolist() == [1, 3 / 4, 3 / 4, 0]
    assert scores.tolist() == pytest.approx([0.9, 0.7, 0.6, 0])


def test_ignored_detections_have_no_rank_even_if_they_match():
    recall, precision, _ = results([1, 1, 0, 1], [False, True, True, False], objects=2).curve(
        0, 0, RECALLS
    )
    assert recall == 1
    assert precision.tolist() == [1, 1, 1, 1]


def test_a_ranking_that_begins_with_ignored_ones_starts_at_nothing():
    recall, precision, _ = results([0, 1], [True, False], objects=1).curve(0, 0, RECALLS)
    assert (recall, precision.tolist()) == (1, [1] * 4)


def test_without_detections_the_curve_is_zero():
    recall, precision, scores = results([]).curve(0, 0, RECALLS)
    assert recall == 0
    assert precision.tolist() == scores.tolist() == [0] * 4


def test_the_best_of_each_image():
    best = results([1, 0, 1, 1], place=[0, 1, 0, 2]).best(1)
    assert best.score.tolist() == pytest.approx([0.9, 0.9 - 2 * 0.4 / 3])
    assert best.right[0, 0].tolist() == [True, True]
    assert best.objects.tolist() == [4]


def image(scores, matches, ignored, objects):
    return {
        "dtScores": scores,
        "dtMatches": np.array([matches]),
        "dtIgnore": np.array([ignored]),
        "gtIgnore": np.array(objects),
    }


def params(categories, images):
    return SimpleNamespace(
        areaRng=[[0, 1e10]],
        imgIds=list(range(images)),
        catIds=list(range(categories)),
        useCats=1,
        iouThrs=np.array([0.5]),
    )


def test_images_are_joined_by_falling_score():
    first = image([0.9, 0.4], [7.0, 0.0], [0, 0], [0, 1])
    third = image([0.6], [3.0], [1], [0])
    one, two = from_images([first, None, third, None, None, None], params(2, 3))
    assert one.score.tolist() == [0.9, 0.6, 0.4]
    assert one.place.tolist() == [0, 0, 1]
    assert one.right[0, 0].tolist() == [True, True, False]
    assert one.ignored[0, 0].tolist() == [False, True, False]
    assert one.objects.tolist() == [2]
    assert two.score.shape == (0,)
    assert two.right.shape == (1, 1, 0)
    assert two.objects.tolist() == [0]


def test_equal_scores_stay_in_the_order_of_the_images():
    pair = [image([0.5], [0.0], [0], [0]), image([0.5], [2.0], [0], [])]
    (one,) = from_images(pair, params(1, 2))
    assert one.right[0, 0].tolist() == [False, True]
