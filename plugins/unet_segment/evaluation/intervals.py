"""Intervals of the segmentation metrics: the bootstrap over pictures.

Pixels of one picture are not independent, so whole pictures are drawn.
"""

from __future__ import annotations

import numpy as np

from nntasks.plugins.unet_segment.evaluation.counts import (
    EMPTY,
    MEASURES,
    CountTable,
    share,
    weighted_mean,
)
from nntasks.statistics.bootstrap import Estimate, replicates


def intervals(table: CountTable, *, seed: int = 0) -> dict[str, Estimate]:
    """Return the metrics with 95 % BCa intervals, by name as in `SegmentationMetric.compute`."""
    if not len(table.ids):
        return {}
    known = replicates(lambda weights: weighted_numbers(table, weights), len(table.ids), seed=seed)
    return {name: one.interval() for name, one in known.items()}


def weighted_numbers(table: CountTable, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return the metrics of each weighting; those of `numbers` where every picture counts once.

    Args:
        table: the counts of N pictures.
        weights: (W, N) uint8, how often each picture counts.

    Returns:
        (W,) float64 each; NaN where undefined.
    """
    drawn = weights.astype(np.float64)  # sums of whole numbers in it are exact
    own = (table.hits, table.false_alarms, table.misses)
    pooled = tuple(drawn @ part for part in own)
    other = (drawn @ table.rejections, pooled[2], pooled[1])
    found: dict[str, np.ndarray] = {}
    for name, measure in MEASURES.items():
        found[name] = measure(*pooled)
        found[f"{name}_macro"] = (measure(*pooled) + measure(*other)) / 2
        each = measure(*own)
        found |= {f"{name}_image_{how}": weighted_mean(each, how, drawn) for how in EMPTY}
    right = table.hits + table.rejections
    found["pixel_accuracy"] = share(drawn @ right, drawn @ table.pixels)
    found["pixel_accuracy_macro"] = found["recall_macro"]
    found["pixel_accuracy_image"] = weighted_mean(share(right, table.pixels), "nonempty", drawn)
    found["boundary_iou"] = share(drawn @ table.edge_common, drawn @ table.edge_either)
    edges = share(table.edge_common, table.edge_either)
    found["boundary_iou_image_nonempty"] = weighted_mean(edges, "nonempty", drawn)
    return found
