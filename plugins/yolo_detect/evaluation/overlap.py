"""Boxes as corner and size, and the pairs of boxes that overlap enough to match.

COCO files give (x, y, width, height) and the reference evaluation computes with those doubles:
area = width * height, right edge = x + width. Corners (x1, y1, x2, y2) lose the last bit of the
width, which can move an area across 32 * 32 or an IoU across 0.5. `corner_and_size` therefore
recovers the original width.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR

_PAIRS_AT_ONCE = 1 << 18  # a few arrays of this size fit in the second-level cache


def corner_and_size(boxes: np.ndarray) -> np.ndarray:
    """Return (N, 4) float64 (x, y, width, height) for (N, 4) (x1, y1, x2, y2), in pixels.

    The size is the number of at most six decimals that gives exactly x2 when added to x1, or else
    x2 - x1. For boxes from a file of decimals these are the doubles of the file; for
    single-precision boxes both are the exact difference.
    """
    return EVALUATOR.chosen().corner_and_size(boxes)


def in_single_precision(boxes: np.ndarray) -> np.ndarray:
    """Return (N, 4) float64 (x, y, width, height), computed from corners in single precision."""
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    corners = corners.astype(np.float32)
    sizes = corners[:, 2:] - corners[:, :2]
    return np.concatenate([corners[:, :2], sizes], axis=1).astype(np.float64)


def pair_iou(found: np.ndarray, true: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return the IoU of boxes pair by pair.

    Args:
        found: (P, 4) float64 (x, y, width, height).
        true: (P, 4) likewise.
        crowd: (P,) bool; where True the intersection is divided by the area of the found box.

    Returns:
        (P,) float64; 0 if the intersection is empty. The order of operations is that of the COCO
        reference, so that results agree to the last bit.
    """
    fx, fy, fw, fh = found.T
    tx, ty, tw, th = true.T
    width = np.minimum(fw + fx, tw + tx) - np.maximum(fx, tx)
    height = np.minimum(fh + fy, th + ty) - np.maximum(fy, ty)
    meet = (width > 0) & (height > 0)
    inter = width * height
    area = fw * fh
    union = np.where(crowd, area, area + tw * th - inter)
    return np.divide(inter, union, out=np.zeros_like(inter), where=meet)


@dataclass(frozen=True)
class CandidatePairs:
    """Pairs (detection, truth) of the same group that overlap enough.

    Attributes:
        detection: (P,) int64, non-decreasing.
        truth: (P,) int64.
        iou: (P,) float64; ascending within a detection, ties by ascending truth.
    """

    detection: np.ndarray
    truth: np.ndarray
    iou: np.ndarray


def candidate_pairs(
    found: np.ndarray,
    found_group: np.ndarray,
    true: np.ndarray,
    true_group: np.ndarray,
    crowd: np.ndarray,
    least_iou: float,
) -> CandidatePairs:
    """Return all pairs of boxes of the same group whose IoU is at least `least_iou`.

    Args:
        found: (N, 4) float64 (x, y, width, height).
        found_group: (N,) int64, in any order.
        true: (G, 4) likewise; `true_group` (G,) int64 must be non-decreasing.
        crowd: (G,) bool, see `pair_iou`.
        least_iou: above 0.
    """
    group_values, first = np.unique(true_group, return_index=True)
    counts = np.diff(np.append(first, len(true_group)))
    if not len(group_values) or not len(found):
        empty = np.empty(0, np.int64)
        return CandidatePairs(empty, empty, np.empty(0))
    place = np.searchsorted(group_values, found_group).clip(max=len(group_values) - 1)
    detection = np.flatnonzero(group_values[place] == found_group)
    place = place[detection]
    blocks = _blocks(counts[place])
    parts = [
        _overlapping(
            detection[block],
            first[place[block]],
            counts[place[block]],
            found,
            true,
            crowd,
            least_iou,
        )
        for block in blocks
    ]
    pairs = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((pairs[1], pairs[2], pairs[0]))
    return CandidatePairs(pairs[0][order], pairs[1][order], pairs[2][order])


def _blocks(counts: np.ndarray) -> list[slice]:
    """Cut the detections so that each block has a bounded number of pairs."""
    total = np.cumsum(counts)
    pairs = int(total[-1]) if len(total) else 0
    marks = np.searchsorted(total, np.arange(_PAIRS_AT_ONCE, pairs, _PAIRS_AT_ONCE))
    cuts = [0, *np.unique(marks[marks > 0]).tolist(), len(counts)]
    return [slice(a, b) for a, b in pairwise(cuts)]


def _overlapping(
    detection: np.ndarray,
    first: np.ndarray,
    counts: np.ndarray,
    found: np.ndarray,
    true: np.ndarray,
    crowd: np.ndarray,
    least_iou: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    owner = np.repeat(detection, counts)
    ends = np.cumsum(counts)
    truth = np.arange(len(owner)) + np.repeat(first - (ends - counts), counts)
    iou = pair_iou(found[owner], true[truth], crowd[truth])
    near = np.flatnonzero(iou >= least_iou)
    return owner[near], truth[near], iou[near]
