"""The Python reference of the compiled evaluator: the same counts from a table of matches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import average_precision, found_by_best
from nntasks.plugins.yolo_detect.evaluation.hits import ranked_hits
from nntasks.plugins.yolo_detect.evaluation.matches import match_table
from nntasks.plugins.yolo_detect.evaluation.records import FlatDetections, FlatRecords, FlatTruths

_DECIMALS = 1e6  # COCO files have 2 decimals, result files 2 to 5
_BOXES_AT_ONCE = 1 << 13  # so do these in the first-level cache


def count_matches(
    detections: Sequence[np.ndarray],
    truths: Sequence[np.ndarray],
    settings: Sequence[np.ndarray],
    *,
    images: int,
    classes: int,
    max_detections: int,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Count the matches of detections and true objects.

    Args:
        detections: image, label (N,) int64 from 0 on, score (N,) float64, box (N, 4) float64
            (x, y, width, height).
        truths: image, label (G,) int64, box (G, 4), crowd (G,) bool, area (G,) float64.
        settings: IoU thresholds (T,), area ranges (A, 2), rising recalls (R,), all float64, and
            (L,) int64 numbers of detections.
        images, classes: how many there are.
        max_detections: per image and class.
        threads: no result depends on them.

    Returns:
        precision (A, T, C) float64, the mean over the recalls, NaN without truths; true positives
        (A, T, C) int64; those of the best detections of each image and class (L, T, C) int64, of
        the first area range; truths that are not ignored (A, C) int64.
    """
    thresholds, ranges, recalls, limits = settings
    records = FlatRecords(tuple(range(images)), FlatDetections(*detections), FlatTruths(*truths))
    table = match_table(
        records,
        tuple(map(str, range(classes))),
        max_detections=max_detections,
        thresholds=thresholds,
        area_ranges=ranges,
    )
    hits = ranked_hits(table)
    levels = list(range(len(thresholds)))
    return (
        average_precision(hits, recalls),
        np.diff(hits.bounds).reshape(hits.detections.shape),
        np.stack([found_by_best(table, levels, count) for count in limits.tolist()]),
        hits.truths,
    )


def corner_and_size(boxes: np.ndarray) -> np.ndarray:
    """Return (N, 4) float64 (x, y, width, height) for (N, 4) (x1, y1, x2, y2); see `overlap`."""
    result = np.empty(boxes.shape)
    for start in range(0, len(boxes), _BOXES_AT_ONCE):
        block = slice(start, start + _BOXES_AT_ONCE)
        low, high = boxes[block, :2], boxes[block, 2:]
        difference = high - low
        decimal = np.rint(difference * _DECIMALS)
        decimal /= _DECIMALS
        result[block, :2] = low
        result[block, 2:] = np.where(low + decimal == high, decimal, difference)
    return result
