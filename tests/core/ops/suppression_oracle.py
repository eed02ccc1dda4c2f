"""Non-maximum suppression as two loops over Python numbers: slow, short, and plainly right."""

from __future__ import annotations

import math

import numpy as np


def nms_by_loops(boxes, scores, threshold, groups=None, precision=np.float32):
    """Return the kept indices; every operation is rounded to `precision`."""
    boxes = np.asarray(boxes, dtype=precision)
    scores = [-math.inf if math.isnan(score) else float(score) for score in scores]
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    threshold = precision(threshold)
    kept = []
    with np.errstate(all="ignore"):
        for index in order:
            rivals = [k for k in kept if groups is None or groups[k] == groups[index]]
            if not any(_iou(boxes[k], boxes[index]) > threshold for k in rivals):
                kept.append(index)
    return kept


def _iou(a, b):
    zero = a.dtype.type(0)

    def extent(low, high):
        return high - low if not high - low < zero else zero

    inside = extent(max(a[0], b[0]), min(a[2], b[2])) * extent(max(a[1], b[1]), min(a[3], b[3]))
    area_a, area_b = (extent(x[0], x[2]) * extent(x[1], x[3]) for x in (a, b))
    union = area_a + area_b - inside
    return inside / (union if union != zero else a.dtype.type(1))
