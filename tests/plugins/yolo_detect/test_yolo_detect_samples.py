"""True objects made of boxes alone."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.yolo_detect.samples import GroundTruth


def test_areas_are_those_of_the_boxes_and_nothing_is_a_crowd():
    truth = GroundTruth.from_boxes([[1, 2, 4, 8], [0, 0, 0, 5]], [3, 0])
    assert truth.boxes.tolist() == [[1, 2, 4, 8], [0, 0, 0, 5]]
    assert truth.areas.tolist() == [18, 0]
    assert truth.labels.tolist() == [3, 0]
    assert truth.crowd.tolist() == [False, False]


def test_dtypes_are_the_stated_ones_whatever_is_given():
    for boxes, labels in (([[0, 0, 1, 1]], [1.0]), (np.ones((1, 4), np.float32), np.uint8([1]))):
        truth = GroundTruth.from_boxes(boxes, labels)
        assert (truth.boxes.dtype, truth.labels.dtype) == (np.float64, np.int64)
        assert (truth.crowd.dtype, truth.areas.dtype) == (np.bool_, np.float64)


def test_no_boxes_have_the_right_shapes():
    truth = GroundTruth.from_boxes([], [])
    assert truth.boxes.shape == (0, 4)
    assert truth.labels.shape == truth.crowd.shape == truth.areas.shape == (0,)
