"""COCO's counts straight from boxes: the compiled code against Python, bit for bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.yolo_detect.evaluation.coco_evaluator import reference as in_python
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR
from nntasks.plugins.yolo_detect.evaluation.matches import AREA_RANGES, COCO_THRESHOLDS
from nntasks.plugins.yolo_detect.evaluation.overlap import corner_and_size

RECALLS = np.linspace(0, 1, 101)


@pytest.fixture
def compiled():
    if EVALUATOR.compiled() is None:
        pytest.skip("the evaluator is not compiled")
    return EVALUATOR.compiled()


def columns(rng, images, detections, truths, classes, *, single, by_image):
    """Boxes near each other, equal scores, images without either, several hundred a cell."""
    image = rng.integers(0, images, detections)
    if by_image:
        image.sort()
    boxes = rng.integers(0, 60, (detections + truths, 4)) * 1.0
    boxes[:, 2:] += rng.integers(1, 120, (detections + truths, 2))
    score = rng.integers(0, 40, detections) / (64 if single else 60)
    found = (image, rng.integers(0, classes, detections), score, boxes[:detections])
    true = boxes[detections:]
    area = true[:, 2] * true[:, 3] * rng.choice([1.0, 0.5], truths)
    owner, kind = rng.integers(0, images, truths), rng.integers(0, classes, truths)
    return found, (owner, kind, true, rng.random(truths) < 0.1, area)


@pytest.mark.parametrize(
    ("single", "by_image", "classes", "most"),
    [*itertools.product([True, False], [True, False], [1, 7], [100]), (True, True, 2, 3)],
)
def test_compiled_and_python_give_the_same_bits_at_any_number_of_threads(
    compiled, single, by_image, classes, most
):
    rng = np.random.default_rng(4)
    images = 40
    found, true = columns(rng, images, 6000, 300, classes, single=single, by_image=by_image)
    settings = (COCO_THRESHOLDS, AREA_RANGES, RECALLS, np.array([1, 10, most]))
    sizes = {"images": images, "classes": classes, "max_detections": most}
    for recalls in (RECALLS, np.linspace(0.1, 1, 7), np.linspace(0, 1, 301)):
        assert_same_bits(compiled, found, true, (*settings[:2], recalls, settings[3]), sizes)


def assert_same_bits(compiled, found, true, settings, sizes):
    expected = in_python.count_matches(found, true, settings, **sizes)
    assert expected[1].sum() > 100
    for threads in (1, 2, 5):
        ours = compiled.count_matches(found, true, settings, **sizes, threads=threads)
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [(0, 2, "image is out"), (0, -1, "image is out"), (1, 5, "label is out"), (1, -1, "label")],
)
def test_numbers_out_of_range_are_refused(compiled, place, value, said):
    found = [np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3), np.zeros((3, 4))]
    found[place][1] = value
    none = (*(np.zeros(0, np.int64) for _ in range(2)), np.zeros((0, 4)), *[np.zeros(0)] * 2)
    settings = (COCO_THRESHOLDS, AREA_RANGES, RECALLS, np.array([1]))
    with pytest.raises(ValueError, match=said):
        compiled.count_matches(
            tuple(found), none, settings, images=2, classes=5, max_detections=100
        )


@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6) | st.integers(-(10**5), 10**5), min_size=4, max_size=4),
        max_size=20,
    )
)
@examples(60)
def test_corners_become_the_same_sizes_in_both(rows):
    boxes = np.array(rows, dtype=np.float64).reshape(-1, 4)
    np.testing.assert_array_equal(corner_and_size(boxes), in_python.corner_and_size(boxes))


def test_an_image_by_hand():
    """Class 0: a hit, then a duplicate; class 1: a medium object that is missed."""
    box = np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]])
    zero = np.zeros(2, np.int64)
    found = (zero, zero, np.array([0.9, 0.8]), box)
    true_box = np.array([[0.0, 0, 10, 10], [50, 50, 40, 40]])
    true = (zero, np.array([0, 1]), true_box, np.zeros(2, bool), np.array([100.0, 1600]))
    settings = (COCO_THRESHOLDS, AREA_RANGES, RECALLS, np.array([1, 10]))
    precision, hits, early, truths = in_python.count_matches(
        found, true, settings, images=1, classes=2, max_detections=10
    )
    assert truths.tolist() == [[1, 1], [1, 0], [0, 1], [0, 0]]
    assert hits[:, 0].tolist() == [[1, 0], [1, 0], [0, 0], [0, 0]]
    assert early[:, 0].tolist() == [[1, 0]] * 2
    assert precision[0, 0].tolist() == [1, 0]
    assert np.isnan(precision[1:, 0]).tolist() == [[False, True], [True, False], [True, True]]
