"""The reference of `match_detections`, in NumPy: sort, compare, match, write down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nntasks.ops.matching import match_pairs

_NEARLY_ONE = 1 - 1e-10  # thresholds above it are lowered to it, as COCO does
_PAIRS_AT_ONCE = 1 << 18  # on average; a few arrays of this size fit in the second-level cache


class _Boxes(NamedTuple):
    """Boxes (n, 4) as (x, y, width, height), with the rank of their image and label."""

    image: np.ndarray
    label: np.ndarray
    box: np.ndarray

    def taken(self, order: np.ndarray) -> _Boxes:
        return _Boxes(*(column[order] for column in self))


def match_reference(
    detections: Sequence[Tensor],
    truths: Sequence[Tensor],
    thresholds: Tensor,
    area_ranges: Tensor,
    most: int,
) -> tuple[Tensor, ...]:
    """Return the fields of `DetectionMatches`; the arguments are checked."""
    image, label, score, box = (column.detach() for column in detections)
    truth_image, truth_label, truth_box, truth_crowd, truth_area = (c.detach() for c in truths)
    images, labels = (
        _ranks(own.numpy(), true.numpy())
        for own, true in ((image, truth_image), (label, truth_label))
    )
    found = _Boxes(images[0], labels[0], box.numpy())
    true = _Boxes(images[1], labels[1], truth_box.numpy())
    ranges = area_ranges.detach().numpy()
    needed = np.minimum(thresholds.detach().numpy(), _NEARLY_ONE)
    order, place = _ranked(found, score.numpy(), most)
    found = found.taken(order)
    truth = np.lexsort((true.label, true.image))
    true, crowd = true.taken(truth), truth_crowd.numpy()[truth]
    outside = _outside(found.box[:, 2] * found.box[:, 3], ranges)
    ignored = crowd[:, None] | _outside(truth_area.numpy()[truth], ranges)
    row, matched = _matched(found, true, crowd, ignored, needed)
    row_ignored = np.where(
        matched < 0,
        outside[row][..., None],
        np.append(ignored, [[False] * len(ranges)], axis=0)[
            matched, np.arange(len(ranges))[:, None]
        ],
    )
    results = order, place, outside, truth, ignored, row, matched, row_ignored
    return tuple(torch.from_numpy(np.ascontiguousarray(result)) for result in results)


def _ranks(own: np.ndarray, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ranks of integers among their distinct values."""
    _, ranks = np.unique(np.concatenate([own, true]), return_inverse=True)
    return ranks[: len(own)], ranks[len(own) :]


def _ranked(found: _Boxes, score: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the kept detections by label, score, image, given order, and their ranks by score."""
    falling = -np.where(np.isnan(score), -np.inf, score)
    by_cell = np.lexsort((falling, found.label, found.image))
    place = np.empty(len(by_cell), np.int64)
    place[by_cell] = _place_in_run(_cells(found)[by_cell])
    order = np.lexsort((found.image, falling, found.label))
    order = order[place[order] < most]
    return order, place[order]


def _cells(boxes: _Boxes) -> np.ndarray:
    return boxes.image * (int(boxes.label.max(initial=0)) + 1) + boxes.label


def _place_in_run(values: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... within each run of equal values."""
    first = np.flatnonzero(np.diff(values, prepend=-1))
    return np.arange(len(values)) - np.repeat(first, np.diff(np.append(first, len(values))))


def _outside(areas: np.ndarray, ranges: np.ndarray) -> np.ndarray:
    """(n,) areas -> (n, A) bool: outside the range."""
    return (areas[:, None] < ranges[:, 0]) | (areas[:, None] > ranges[:, 1])


def _matched(
    found: _Boxes, true: _Boxes, crowd: np.ndarray, ignored: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which detections have a candidate, (K,), and what they take, (K, A, T) int32."""
    defined = needed[~np.isnan(needed)]
    detection, truth, iou = _pairs(found, true, crowd, float(defined.min(initial=np.inf)))
    # By cell and score, then by rising IoU, of equal ones by truth.
    order = np.lexsort((truth, iou, detection, found.label[detection], found.image[detection]))
    detection, truth, iou = detection[order], truth[order], iou[order]
    starts = np.flatnonzero(np.diff(detection, prepend=-1))
    rows = detection[starts]
    taken = match_pairs(
        np.append(starts, len(detection)),
        truth,
        iou,
        found.image[rows] * (int(found.label.max(initial=0)) + 1) + found.label[rows],
        crowd,
        ignored,
        needed=needed,
    )
    by_label = np.argsort(rows)
    return rows[by_label], taken[by_label]


def _pairs(
    found: _Boxes, true: _Boxes, crowd: np.ndarray, least: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return detection, truth and IoU of the pairs in one cell whose IoU is at least `least`."""
    width = 1 + max(int(boxes.label.max(initial=0)) for boxes in (found, true))
    own, theirs = (boxes.image * width + boxes.label for boxes in (found, true))
    first = np.searchsorted(theirs, own)
    counts = np.searchsorted(theirs, own, side="right") - first
    parts = []
    for block in np.array_split(np.arange(len(own)), 1 + int(counts.sum()) // _PAIRS_AT_ONCE):
        owner, truth = _all_pairs(block, first[block], counts[block])
        iou = _iou(found.box[owner], true.box[truth], crowd[truth])
        near = np.flatnonzero(iou >= least)
        parts.append((owner[near], truth[near], iou[near]))
    detection, truth, iou = (np.concatenate(column) for column in zip(*parts, strict=True))
    return detection, truth, iou


def _all_pairs(
    detection: np.ndarray, first: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pair each detection with the truths first, ..., first + count - 1."""
    ends = np.cumsum(counts)
    owner = np.repeat(detection, counts)
    return owner, np.arange(len(owner)) + np.repeat(first - (ends - counts), counts)


def _iou(found: np.ndarray, true: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return the IoU pair by pair, (P,), in COCO's order of operations."""
    fx, fy, fw, fh = found.T
    tx, ty, tw, th = true.T
    with np.errstate(all="ignore"):
        width = np.minimum(fw + fx, tw + tx) - np.maximum(fx, tx)
        height = np.minimum(fh + fy, th + ty) - np.maximum(fy, ty)
        meet = (width > 0) & (height > 0)
        inter = width * height
        area = fw * fh
        union = np.where(crowd, area, area + tw * th - inter)
        return np.divide(inter, union, out=np.zeros_like(inter), where=meet)
