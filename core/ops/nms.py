"""Non-maximum suppression: `nms`, `batched_nms` and their reference."""

from __future__ import annotations

from typing import SupportsFloat, SupportsIndex

import torch
from torch import Tensor

from nntasks.ops._arguments import (
    check_boxes,
    check_floats,
    check_int64,
    check_integers,
    check_one_per_box,
    checked_limit,
    checked_threshold,
)
from nntasks.ops._library import define, op
from nntasks.ops.iou import computing, pairwise_iou

BLOCK = 512  # block size of the reference


def nms(
    boxes: Tensor,
    scores: Tensor,
    iou_threshold: SupportsFloat,
    *,
    max_output: SupportsIndex | None = None,
) -> Tensor:
    """Return the boxes that greedy non-maximum suppression keeps.

    Boxes are visited by falling score, ties by lower index; a box is dropped if its IoU with a box
    already kept is greater than the threshold. IoU is that of `box_iou`, computed in float32
    (float64 for float64 boxes) and compared with the threshold rounded to that precision. A box
    without area, with a NaN coordinate or of infinite area overlaps nothing, so it is kept. A NaN
    score ranks as minus infinity.

    Args:
        boxes: (N, 4) x1, y1, x2, y2; float16, bfloat16, float32 or float64.
        scores: (N,) of any of these dtypes, on the same device.
        iou_threshold: in [0, 1].
        max_output: return at most this many boxes, the best ones; None for all.

    Returns:
        (K,) int64 indices by falling score, ties by lower index. No gradient passes through them.

    Raises:
        TypeError: if boxes or scores are no floating-point tensor, or a number has the wrong type.
        ValueError: on a wrong shape, two devices, or a number out of range.
    """
    _check_candidates("nms", boxes, scores)
    threshold = checked_threshold("nms", iou_threshold)
    return op("nms")(boxes, scores, threshold, checked_limit("nms", max_output))


def batched_nms(
    boxes: Tensor,
    scores: Tensor,
    groups: Tensor,
    iou_threshold: SupportsFloat,
    *,
    max_output: SupportsIndex | None = None,
) -> Tensor:
    """Return the boxes that `nms` keeps when only boxes of one group suppress each other.

    Coordinates get no offset per group, so no precision is lost. For a
    batch of images give `image * classes + label` as groups: one call serves them all.

    Args:
        boxes: (N, 4), as for `nms`.
        scores: (N,), as for `nms`.
        groups: (N,) integers of any value and order, on the same device.
        iou_threshold: in [0, 1].
        max_output: return at most this many boxes over all groups, the best ones; None for all.

    Returns:
        (K,) int64 indices by falling score over all groups, ties by lower index.

    Raises:
        TypeError: as `nms`, and if groups are not integers.
        ValueError: as `nms`.
    """
    _check_candidates("batched_nms", boxes, scores)
    _check_groups(boxes, groups)
    threshold = checked_threshold("batched_nms", iou_threshold)
    limit = checked_limit("batched_nms", max_output)
    return op("batched_nms")(boxes, scores, groups.long(), threshold, limit)


# The reference and the fake kernels check too, because raw calls bypass the wrappers.
def _check_candidates(name: str, boxes: Tensor, scores: Tensor) -> None:
    check_boxes(name, "boxes", boxes)
    check_floats(name, "scores", scores)
    check_one_per_box(name, "scores", scores, boxes)


def _check_groups(boxes: Tensor, groups: Tensor) -> None:
    check_integers("batched_nms", "groups", groups)
    check_one_per_box("batched_nms", "groups", groups, boxes)


def _check_raw_groups(boxes: Tensor, groups: Tensor) -> None:
    check_int64("batched_nms", "groups", groups)
    check_one_per_box("batched_nms", "groups", groups, boxes)


def _nms_reference(
    boxes: Tensor, scores: Tensor, iou_threshold: float, max_output: int | None = None
) -> Tensor:
    _check_candidates("nms", boxes, scores)
    checked_threshold("nms", iou_threshold)
    checked_limit("nms", max_output)
    order = _by_score(scores)
    kept = _greedy(computing(boxes)[order], None, iou_threshold)
    return order[kept][:max_output]


def _batched_nms_reference(
    boxes: Tensor,
    scores: Tensor,
    groups: Tensor,
    iou_threshold: float,
    max_output: int | None = None,
) -> Tensor:
    _check_candidates("batched_nms", boxes, scores)
    _check_raw_groups(boxes, groups)
    checked_threshold("batched_nms", iou_threshold)
    checked_limit("batched_nms", max_output)
    order = _by_score(scores)
    together = torch.sort(groups[order], stable=True)  # group by group, each by falling score
    kept = _greedy(computing(boxes)[order][together.indices], together.values, iou_threshold)
    ranks = together.indices[kept].sort().values
    return order[ranks][:max_output]


def _by_score(scores: Tensor) -> Tensor:
    """Return indices by falling score, ties by index, NaN as minus infinity."""
    ranked = torch.where(scores.isnan(), -torch.inf, scores)
    return torch.sort(ranked, descending=True, stable=True).indices


def _greedy(boxes: Tensor, groups: Tensor | None, threshold: float) -> Tensor:
    """Return (N,) bool: which boxes, in the order in which they are visited, are kept.

    Boxes of one group must be adjacent. A block is first compared with the kept boxes of earlier
    blocks, from the start of its first box's group on, and then decided within itself.
    """
    limit = torch.tensor(threshold, dtype=boxes.dtype, device=boxes.device)
    keep = torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    for start in range(0, len(boxes), BLOCK):
        stop = min(start + BLOCK, len(boxes))
        first = 0 if groups is None else int(torch.searchsorted(groups, groups[start]))
        before = first + keep[first:start].nonzero()[:, 0]
        block = torch.arange(start, stop, device=boxes.device)
        free = ~_suppresses(before, block, boxes, groups, limit).any(0)
        inside = _suppresses(block, block, boxes, groups, limit).triu(1)
        keep[start:stop] = _decide(inside, free)
    return keep


def _suppresses(
    rows: Tensor, columns: Tensor, boxes: Tensor, groups: Tensor | None, limit: Tensor
) -> Tensor:
    over = pairwise_iou(boxes[rows], boxes[columns])[0] > limit
    return over if groups is None else over & (groups[rows][:, None] == groups[columns][None, :])


def _decide(inside: Tensor, free: Tensor) -> Tensor:
    """Return the survivors of a block: free boxes that no earlier survivor suppresses.

    Each round settles at least the first unsettled box, so the rounds end at the only solution,
    usually after a few.
    """
    keep = free
    while True:
        again = free & ~(inside & keep[:, None]).any(0)
        if torch.equal(again, keep):
            return keep
        keep = again


def _nms_fake(
    boxes: Tensor, scores: Tensor, iou_threshold: float, max_output: int | None = None
) -> Tensor:
    _check_candidates("nms", boxes, scores)
    return _some_indices(boxes)


def _batched_nms_fake(
    boxes: Tensor,
    scores: Tensor,
    groups: Tensor,
    iou_threshold: float,
    max_output: int | None = None,
) -> Tensor:
    _check_candidates("batched_nms", boxes, scores)
    _check_raw_groups(boxes, groups)
    return _some_indices(boxes)


def _some_indices(boxes: Tensor) -> Tensor:
    return boxes.new_empty((torch.library.get_ctx().new_dynamic_size(),), dtype=torch.int64)


define(
    "nms(Tensor boxes, Tensor scores, float iou_threshold, SymInt? max_output=None) -> Tensor",
    _nms_reference,
    _nms_fake,
)
define(
    "batched_nms(Tensor boxes, Tensor scores, Tensor groups, float iou_threshold, "
    "SymInt? max_output=None) -> Tensor",
    _batched_nms_reference,
    _batched_nms_fake,
)
