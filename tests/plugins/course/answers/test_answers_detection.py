"""Answers of assignment 3 against torchvision and the area of VOC 2010."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torchvision
from torch_oracle import agree

from nntasks.plugins.course.answers import detection
from nntasks.plugins.yolo_detect.evaluation.average_precision import voc10_area


def test_boxes(rng):
    corner = 50 * rng.random((80, 2))
    boxes = np.concatenate([corner, corner + 5 + 20 * rng.random((80, 2))], axis=1)
    scores = rng.random(80)
    theirs = torchvision.ops.box_iou(torch.tensor(boxes), torch.tensor(boxes[:9]))
    agree(detection.box_iou(boxes, boxes[:9]), theirs)
    for threshold in (0.1, 0.5, 0.8):
        kept = torchvision.ops.nms(torch.tensor(boxes), torch.tensor(scores), threshold)
        assert detection.nms(boxes, scores, threshold).tolist() == kept.tolist()


def test_average_precision_is_voc_2010s(rng):
    for _ in range(20):
        hits = rng.random(40) < 0.4
        places = np.flatnonzero(hits) + 1
        theirs = voc10_area(places, 40, 25)
        assert detection.average_precision(hits, 25) == pytest.approx(theirs, rel=1e-12)


def test_rows_of_the_output_tensor_by_hand():
    rows = np.array(
        [
            [10.0, 20, 4, 6, 0.5, 0.2, 0.8],
            [0, 0, 2, 2, 0.5, 0.8, 0.1],
            [0, 0, 2, 2, 0.9, 0.2, 0.2],
        ]
    )
    boxes, scores, labels = detection.decode_rows(rows, 0.3)
    assert boxes.tolist() == [[8, 17, 12, 23], [-1, -1, 1, 1]]
    assert scores == pytest.approx([0.4, 0.4])
    assert labels.tolist() == [1, 0]


def test_precision_and_recall_by_hand():
    precision, recall = detection.precision_recall(np.array([1, 0, 1], bool), 4)
    assert precision == pytest.approx([1, 1 / 2, 2 / 3])
    assert recall == pytest.approx([1 / 4, 1 / 4, 2 / 4])


def test_boxes_without_area_and_no_detections():
    point = np.array([[3.0, 3, 3, 3]])
    assert detection.box_iou(point, point).tolist() == [[0]]
    assert detection.nms(np.zeros((0, 4)), np.zeros(0), 0.5).tolist() == []
    assert detection.average_precision(np.zeros(0, bool), 3) == 0
    assert np.isnan(detection.average_precision(np.zeros(0, bool), 0))
