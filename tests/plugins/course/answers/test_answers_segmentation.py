"""Answers of assignment 4 against scikit-learn and differences."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.course.answers import segmentation


def test_masks(rng):
    from sklearn.metrics import f1_score, jaccard_score

    a, b = rng.random((9, 8)) < 0.5, rng.random((9, 8)) < 0.3
    assert segmentation.dice(a, b) == pytest.approx(f1_score(b.ravel(), a.ravel()))
    assert segmentation.mask_iou(a, b) == pytest.approx(jaccard_score(b.ravel(), a.ravel()))


def test_empty_masks_are_alike():
    nothing, everything = np.zeros((2, 2), bool), np.ones((2, 2), bool)
    for measure in (segmentation.mask_iou, segmentation.dice):
        assert measure(nothing, nothing) == 1
        assert measure(nothing, everything) == 0


def test_the_loss_of_certain_masks_is_one_less_the_coefficient(rng):
    a, b = rng.random((9, 8)) < 0.5, rng.random((9, 8)) < 0.3
    loss, _ = segmentation.dice_loss(a.astype(float), b.astype(float), smooth=0.0)
    assert loss == pytest.approx(1 - segmentation.dice(a, b))


def test_the_gradient_of_the_loss(rng):
    p, t = rng.random((3, 4)), (rng.random((3, 4)) < 0.5).astype(float)
    _, gradient = segmentation.dice_loss(p, t)
    for place in np.ndindex(p.shape):
        step = np.zeros_like(p)
        step[place] = 1e-6
        above, below = (segmentation.dice_loss(p + sign * step, t)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((above - below) / 2e-6, abs=1e-8)
