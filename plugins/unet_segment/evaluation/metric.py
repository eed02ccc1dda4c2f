"""The segmentation metric, computed from a table of counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntasks.errors import PluginError
from nntasks.interfaces import DataInfo, Metric
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.evaluation.boundary import near_edge
from nntasks.plugins.unet_segment.evaluation.counts import (
    BINS,
    EMPTY,
    MEASURES,
    CountTable,
    numbers,
)
from nntasks.plugins.unet_segment.evaluation.intervals import intervals
from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT

_FORMULAS = {
    "iou": "TP / (TP + FP + FN)",
    "dice": "2 TP / (2 TP + FP + FN)",
    "precision": "TP / (TP + FP)",
    "recall": "TP / (TP + FN)",
}
_EMPTY = {
    "empty1": "a picture of 0 / 0 counts as 1",
    "empty0": "a picture of 0 / 0 counts as 0",
    "nonempty": "pictures of 0 / 0 are left out",
}
_DEFINITIONS = {
    "pixel_accuracy": "share of correct pixels",
    "pixel_accuracy_macro": "mean of the accuracy on object and on background pixels",
    "pixel_accuracy_image": "mean over pictures of the share of correct pixels",
    "boundary_iou": "IoU of the pixels near the edges (2 % of the diagonal), all pictures pooled",
    "boundary_iou_image_nonempty": "mean over pictures of that; pictures of 0 / 0 are left out",
}


class SegmentationMetric(Metric):
    """All segmentation metrics, from one row of counts per picture.

    Args:
        threshold: least probability of a predicted object pixel.
    """

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold = threshold
        self.reset()

    def reset(self) -> None:
        self._rows: dict[int | str, np.ndarray] = {}

    def update(self, predictions: Sequence[Any], targets: Any, ids: Sequence[int | str]) -> None:
        """Add probabilities (H, W), and masks (H, W) of 0, 1 and 255 (not counted).

        Raises:
            PluginError: a prediction differs in size from its mask.
        """
        for name, mask, shares in zip(ids, targets, predictions, strict=True):
            truth, said = np.asarray(mask), np.asarray(shares)
            if truth.shape != said.shape:
                raise PluginError(f"{name}: expected probabilities {truth.shape}, got {said.shape}")
            self._rows[name] = count(truth, said, self.threshold)

    def merge(self, other: Any) -> None:
        self._rows |= other._rows

    @property
    def table(self) -> CountTable:
        """All counts, sorted by name: the order of updates does not matter."""
        ids = sorted(self._rows, key=lambda name: (isinstance(name, str), name))
        rows = np.stack([self._rows[name] for name in ids]) if ids else np.empty((0, 6 + 2 * BINS))
        rows = rows.astype(np.int64)
        hits, false_alarms, misses, rejections, common, either = rows.T[:6]
        return CountTable(
            ids,
            hits,
            false_alarms,
            misses,
            rejections,
            common,
            either,
            rows[:, 6 : 6 + BINS],
            rows[:, 6 + BINS :],
        )

    def compute(self) -> dict[str, float]:
        found = numbers(self.table)
        return {name: found[name] for name in self.definitions()}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return BCa intervals by the bootstrap over pictures."""
        return {name: found[1:] for name, found in intervals(self.table).items()}

    def definitions(self) -> dict[str, str]:
        sentences = {}
        for name in MEASURES:
            formula = _FORMULAS[name]
            sentences[name] = f"{formula} over the pixels of all pictures"
            sentences[f"{name}_macro"] = f"mean of {formula} of object and background, all pictures"
            for how in EMPTY:
                sentences[f"{name}_image_{how}"] = f"mean over pictures of {formula}; {_EMPTY[how]}"
        return sentences | _DEFINITIONS


def count(truth: np.ndarray, shares: np.ndarray, threshold: float) -> np.ndarray:
    """Return the row of a picture: int64, in the field order of `CountTable`.

    Args:
        truth: (H, W) of 0, 1, 255.
        shares: (H, W) probabilities.
        threshold: least probability of a predicted object pixel.
    """
    counted, on = truth != IGNORED, truth == OBJECT
    called = (shares >= threshold) & counted
    edges = (near_edge(on), near_edge(called))
    bins = np.minimum((shares * BINS).astype(np.int64), BINS - 1)
    parts = [
        (called & on).sum(),
        (called & ~on).sum(),
        (on & ~called).sum(),
        (counted & ~on & ~called).sum(),
        (edges[0] & edges[1] & counted).sum(),
        ((edges[0] | edges[1]) & counted).sum(),
    ]
    histograms = [np.bincount(bins[where], minlength=BINS) for where in (on, counted & ~on)]
    return np.concatenate([np.array(parts), *histograms]).astype(np.int64)


def build(config: UnetConfig, info: DataInfo) -> SegmentationMetric:
    """Build the metric at the configured threshold."""
    return SegmentationMetric(config.threshold)
