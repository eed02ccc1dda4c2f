"""`nms=soft`: scores fall where boxes overlap; other classes and images are left alone."""

from __future__ import annotations

import math

import pytest
import torch

from nntasks.plugins.yolo_detect.inference.nms_rule import SoftNms
from nntasks.plugins.yolo_detect.inference.soft_suppression import softened

BOXES = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 10], [50, 50, 60, 60]])
SCORES = torch.tensor([0.9, 0.8, 0.7, 0.6])


def test_scores_fall_by_the_gaussian_of_the_overlap_within_a_group():
    kept, scores = softened(BOXES, SCORES, torch.tensor([0, 0, 1, 0]), SoftNms(0.5, 0.01))
    lowered = 0.8 * math.exp(-(0.5**2) / 0.5)  # box 1 and box 0 have an IoU of a half
    assert kept.tolist() == [0, 2, 3, 1]
    assert scores.tolist() == pytest.approx([0.9, 0.7, 0.6, lowered])


def test_boxes_whose_score_falls_too_low_are_dropped():
    kept, _ = softened(BOXES, SCORES, torch.tensor([0, 0, 0, 0]), SoftNms(0.1, 0.1))
    assert kept.tolist() == [0, 3]  # 0.8 exp(-2.5) = 0.066, and 0.7 exp(-10)


def test_no_boxes():
    nothing = torch.zeros(0, dtype=torch.int64)
    kept, scores = softened(torch.zeros(0, 4), torch.zeros(0), nothing, SoftNms(0.5, 0.1))
    assert (kept.tolist(), scores.tolist()) == ([], [])


def test_equal_scores_are_ordered_by_index():
    apart = torch.tensor([[0.0, 0, 1, 1], [5, 5, 6, 6], [9, 9, 10, 10]])
    kept, _ = softened(apart, torch.full((3,), 0.5), torch.tensor([2, 0, 1]), SoftNms(0.5, 0.1))
    assert kept.tolist() == [0, 1, 2]
