"""Sizes that come back exactly, IoU, and the search for pairs."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.evaluation import overlap
from nntasks.plugins.yolo_detect.evaluation.overlap import (
    candidate_pairs,
    corner_and_size,
    pair_iou,
)


@pytest.mark.parametrize("decimals", [0, 1, 2, 3, 6])
def test_sizes_with_few_decimals_come_back(decimals):
    rng = np.random.default_rng(decimals)
    boxes = np.round(rng.uniform(0, 4000, (20000, 4)), decimals)
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    np.testing.assert_array_equal(corner_and_size(corners), boxes)


def test_single_precision_sizes_are_exact():
    rng = np.random.default_rng(0)
    corners = np.sort(rng.uniform(0, 4000, (20000, 4)).astype(np.float32).astype(np.float64))
    sizes = corner_and_size(corners)
    np.testing.assert_array_equal(sizes[:, 2:], corners[:, 2:] - corners[:, :2])


def test_iou_by_hand():
    found = np.array([[0, 0, 10, 10]] * 5, dtype=float)
    true = np.array(
        [[0, 0, 10, 10], [5, 0, 10, 10], [10, 0, 5, 5], [0, 0, 40, 40], [0, 0, 0, 0]], dtype=float
    )
    crowd = np.array([False, False, False, True, False])
    assert pair_iou(found, true, crowd).tolist() == [1, 50 / 150, 0, 1, 0]
    nothing = np.zeros((1, 4))
    assert pair_iou(nothing, nothing, crowd[:1]).tolist() == [0]


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_pairs_are_all_pairs_in_order(monkeypatch, at_once):
    monkeypatch.setattr(overlap, "_PAIRS_AT_ONCE", at_once)
    rng = np.random.default_rng(1)
    found, true = rng.integers(1, 6, (60, 4)) * 1.0, rng.integers(1, 6, (30, 4)) * 1.0
    found_group, true_group = rng.integers(0, 9, 60), np.sort(rng.integers(2, 12, 30))
    crowd = rng.random(30) < 0.2
    pairs = candidate_pairs(found, found_group, true, true_group, crowd, 0.3)
    expected = []
    for d in range(60):
        for t in range(30):
            iou = pair_iou(found[d : d + 1], true[t : t + 1], crowd[t : t + 1])[0]
            if found_group[d] == true_group[t] and iou >= 0.3:
                expected.append((d, iou, t))
    expected.sort()
    assert len(expected) > 20
    actual = list(zip(pairs.detection, pairs.iou, pairs.truth, strict=True))
    assert actual == expected


def test_no_boxes():
    none, group = np.empty((0, 4)), np.empty(0, np.int64)
    one, zero = np.ones((1, 4)), np.zeros(1, np.int64)
    for found, found_group, true, true_group in [
        (none, group, none, group),
        (one, zero, none, group),
        (none, group, one, zero),
        (one, zero, one, zero + 1),
    ]:
        crowd = np.zeros(len(true), dtype=bool)
        pairs = candidate_pairs(found, found_group, true, true_group, crowd, 0.5)
        assert len(pairs.detection) == len(pairs.truth) == len(pairs.iou) == 0
