"""Curves over the confidence of many weightings: the compiled module against Python, bad input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks import ops
from nntasks.plugins.yolo_detect.evaluation.confidence_curves import reference
from nntasks.plugins.yolo_detect.evaluation.confidence_curves.curves import CONFIDENCES
from nntasks.plugins.yolo_detect.evaluation.confidence_curves.engine import CURVES


@pytest.fixture
def compiled():
    if CURVES.compiled() is None:
        pytest.skip("the reader of curves is not compiled")
    return CURVES.compiled()


def case(seed, detections=40, classes=3, images=5, weightings=35):
    """Return a ranking with equal scores and copies, objects, and weights with zeros."""
    rng = np.random.default_rng(seed)
    label = np.sort(rng.integers(0, classes, detections))
    score = rng.choice([0.0, 0.1, 0.5, 1.0, *rng.random(8)], detections).astype(np.float32)
    order = np.lexsort((-score, label))
    starts = np.searchsorted(label, np.arange(classes + 1))
    columns = (rng.integers(0, images, detections), rng.integers(0, 3, detections).astype(np.uint8))
    ranking = (starts, *columns, score[order].astype(float), rng.random(detections) < 0.4)
    weights = rng.integers(0, 4, (weightings, images)).astype(np.uint8)
    return ranking, rng.integers(0, 50, (classes, weightings)), weights


@examples(25)
@given(seed=st.integers(0, 10**6))
def test_compiled_code_and_python_give_the_same_bits(seed):
    if CURVES.compiled() is None:
        pytest.skip("the reader of curves is not compiled")
    ranking, truths, weights = case(seed)
    truths = np.where(truths > 5, truths, 0)  # no object, no true positive
    for label, row in enumerate(truths):
        mine = slice(ranking[0][label], ranking[0][label + 1])
        ranking[4][mine] &= (row > 0).all()
    chosen = np.random.default_rng(seed).integers(0, len(CONFIDENCES), len(weights))
    arguments = (ranking, truths, weights, CONFIDENCES)
    sums = [one.f1_sums(*arguments) for one in (CURVES.compiled(), reference)]
    np.testing.assert_array_equal(*sums)
    points = [one.points(*arguments, chosen) for one in (CURVES.compiled(), reference)]
    np.testing.assert_array_equal(*points)


def test_threads_do_not_change_a_bit(compiled):
    ranking, truths, weights = case(1, detections=200, weightings=100)
    one, four = (
        compiled.f1_sums(ranking, truths, weights, CONFIDENCES, threads=threads)
        for threads in (1, 4)
    )
    np.testing.assert_array_equal(one, four)


def test_the_choice_of_kernels_is_heeded():
    with ops.use("python"):
        assert CURVES.chosen() is reference


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, np.array([0, 10, 5, 40]), "starts must rise"),
        (0, np.array([0, 10, 20, 41]), "starts must rise"),
        (1, np.full(40, 5), "an image is out of range"),
        (1, np.full(40, -1), "an image is out of range"),
        (1, np.zeros(39, int), "columns must have one length"),
        (3, np.zeros(41), "columns must have one length"),
    ],
)
def test_bad_rankings_are_refused(compiled, place, value, said):
    ranking, truths, weights = case(2)
    wrong = (*ranking[:place], value, *ranking[place + 1 :])
    with pytest.raises(ValueError, match=said):
        compiled.f1_sums(wrong, truths, weights, CONFIDENCES)


def test_other_bad_arguments_are_refused(compiled):
    ranking, truths, weights = case(3)
    with pytest.raises(ValueError, match="truths must have shape"):
        compiled.f1_sums(ranking, truths[:, :-1], weights, CONFIDENCES)
    with pytest.raises(ValueError, match="confidences must rise"):
        compiled.f1_sums(ranking, truths, weights, CONFIDENCES[::-1])
    with pytest.raises(ValueError, match="chosen must have shape"):
        compiled.points(ranking, truths, weights, CONFIDENCES, np.full(len(weights), 1000))
    with pytest.raises(ValueError, match="a ranking has starts"):
        compiled.points(ranking[:3], truths, weights, CONFIDENCES, np.zeros(len(weights), int))


def small(copy=(0, 0)):
    """One class and two images with a detection each: a surer hit in image 0, a miss in image 1."""
    return (
        np.array([0, 2]),
        np.array([0, 1]),
        np.array(copy, np.uint8),
        np.array([0.9, 0.5]),
        np.array([True, False]),
    )


WEIGHTS = np.array([[1, 1], [2, 1], [0, 1], [1, 0]], np.uint8)
TRUTHS = WEIGHTS.sum(axis=1, dtype=np.int64)[None]  # an object an image


def test_an_example_by_hand():
    """At confidence 0 all is counted: two objects and both detections in the first weighting."""
    chosen = np.zeros(len(WEIGHTS), np.int64)
    precision, recall = reference.points(small(), TRUTHS, WEIGHTS, CONFIDENCES, chosen)
    assert precision[0].tolist() == pytest.approx([1 / 2, 2 / 3, 0, 1])
    assert recall[0].tolist() == pytest.approx([1 / 2, 2 / 3, 0, 1])
    sums = reference.f1_sums(small(), TRUTHS, WEIGHTS, CONFIDENCES)
    assert sums.shape == (1000, len(WEIGHTS))
    assert sums[0].tolist() == pytest.approx([1 / 2, 2 / 3, 0, 1])
    assert not sums[-1].any()  # nothing is so sure


def test_a_detection_of_one_copy_counts_only_where_there_are_so_many():
    chosen = np.zeros(len(WEIGHTS), np.int64)
    _, recall = reference.points(small((2, 0)), TRUTHS, WEIGHTS, CONFIDENCES, chosen)
    assert recall[0].tolist() == pytest.approx([0, 1 / 3, 0, 0])


def test_classes_are_added():
    one = small()
    two = (np.array([0, 2, 4]), *(np.tile(column, 2) for column in one[1:]))
    sums = reference.f1_sums(two, np.tile(TRUTHS, (2, 1)), WEIGHTS, CONFIDENCES)
    np.testing.assert_allclose(sums, 2 * reference.f1_sums(one, TRUTHS, WEIGHTS, CONFIDENCES))
