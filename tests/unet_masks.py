"""Masks and probabilities on which the numbers of a segmentation are compared."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.samples import IGNORED


def random_masks(count=9, side=20, ignored=0.0, seed=0):
    """Return masks and probabilities; of the first picture both are empty, of the second one is."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, side, side)) < 0.3).astype(np.uint8)
    shares = np.clip(0.35 * truth + 0.65 * rng.random(truth.shape), 0, 1).astype(np.float32)
    truth[0], shares[0] = 0, 0.1
    truth[1] = 0
    truth[rng.random(truth.shape) < ignored] = IGNORED
    return truth, shares


def table_of(truth, shares, threshold=0.5):
    metric = SegmentationMetric(threshold)
    metric.update(list(shares), truth, list(range(len(truth))))
    return metric.table
