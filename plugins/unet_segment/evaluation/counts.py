"""The table of integer counts per picture, and the metrics computed from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

BINS = 256  # bins of probability, for the threshold sweep and calibration

# How a picture with a zero denominator counts; part of the metric's name.
EMPTY = ("empty1", "empty0", "nonempty")


@dataclass(frozen=True)
class CountTable:
    """The counts of N pictures.

    Attributes:
        ids: names, sorted.
        hits, false_alarms, misses, rejections: (N,) int64 pixels: true positives, false positives,
            false negatives, true negatives.
        edge_common, edge_either: (N,) int64 pixels near the edge of both masks, and of either.
        on, beside: (N, BINS) int64 pixels of the object, and of the background, by probability:
            bin k holds those from k / BINS to (k + 1) / BINS, the last one also 1.
    """

    ids: Sequence[int | str]
    hits: np.ndarray
    false_alarms: np.ndarray
    misses: np.ndarray
    rejections: np.ndarray
    edge_common: np.ndarray
    edge_either: np.ndarray
    on: np.ndarray
    beside: np.ndarray

    @cached_property
    def pixels(self) -> np.ndarray:
        """(N,) counted pixels."""
        return self.hits + self.false_alarms + self.misses + self.rejections


def iou(hits: np.ndarray, false_alarms: np.ndarray, misses: np.ndarray) -> np.ndarray:
    """Return TP / (TP + FP + FN); NaN for 0 / 0."""
    return share(hits, hits + false_alarms + misses)


def dice(hits: np.ndarray, false_alarms: np.ndarray, misses: np.ndarray) -> np.ndarray:
    """Return 2 TP / (2 TP + FP + FN), which is F1; NaN for 0 / 0."""
    return share(2 * hits, 2 * hits + false_alarms + misses)


def precision(hits: np.ndarray, false_alarms: np.ndarray, misses: np.ndarray) -> np.ndarray:
    """Return TP / (TP + FP); NaN for 0 / 0."""
    return share(hits, hits + false_alarms)


def recall(hits: np.ndarray, false_alarms: np.ndarray, misses: np.ndarray) -> np.ndarray:
    """Return TP / (TP + FN); NaN for 0 / 0."""
    return share(hits, hits + misses)


MEASURES = {"iou": iou, "dice": dice, "precision": precision, "recall": recall}


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole; NaN for 0 / 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part) / np.asarray(whole)


def numbers(table: CountTable) -> dict[str, float]:
    """Return all metrics of the table; NaN where undefined."""
    own = (table.hits, table.false_alarms, table.misses)
    pooled = tuple(part.sum() for part in own)
    # For the background, misses become false alarms and hits become rejections.
    other = (table.rejections.sum(), pooled[2], pooled[1])
    found: dict[str, float] = {}
    for name, measure in MEASURES.items():
        found[name] = float(measure(*pooled))
        found[f"{name}_macro"] = float((measure(*pooled) + measure(*other)) / 2)
        each = measure(*own)
        found |= {f"{name}_image_{how}": mean_over_images(each, how) for how in EMPTY}
    right = table.hits + table.rejections
    found["pixel_accuracy"] = float(share(right.sum(), table.pixels.sum()))
    found["pixel_accuracy_macro"] = found["recall_macro"]
    found["pixel_accuracy_image"] = mean_over_images(share(right, table.pixels), "nonempty")
    found["boundary_iou"] = float(share(table.edge_common.sum(), table.edge_either.sum()))
    edges = share(table.edge_common, table.edge_either)
    found["boundary_iou_image_nonempty"] = mean_over_images(edges, "nonempty")
    return found


def mean_over_images(each: np.ndarray, how: str) -> float:
    """Return the mean of a value per picture.

    Args:
        each: (N,) values, NaN for a zero denominator.
        how: "empty1" and "empty0" count such a picture as 1 or 0, "nonempty" leaves it out.
    """
    if how == "nonempty":
        each = each[~np.isnan(each)]
    else:
        each = np.where(np.isnan(each), float(how == "empty1"), each)
    return float(each.mean()) if len(each) else float("nan")


def weighted_mean(each: np.ndarray, how: str, drawn: np.ndarray) -> np.ndarray:
    """Return `mean_over_images` of each weighting (W,); `drawn` (W, N) float64 are the weights."""
    empty = np.isnan(each)
    values = np.where(empty, float(how == "empty1"), each)
    counted = ~empty if how == "nonempty" else np.ones(len(each), bool)
    return share(drawn @ np.where(counted, values, 0.0), drawn @ counted)


def sweep(table: CountTable, thresholds: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return pooled IoU, Dice, precision and recall at thresholds, multiples of 1 / BINS."""
    first = np.rint(thresholds * BINS).astype(int)
    on, beside = (
        np.r_[part.sum(axis=0)[::-1].cumsum()[::-1], 0] for part in (table.on, table.beside)
    )
    hits, false_alarms = on[first], beside[first]
    return {name: f(hits, false_alarms, on[0] - hits) for name, f in MEASURES.items()}
