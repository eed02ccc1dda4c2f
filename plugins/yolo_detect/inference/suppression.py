"""Which box suppressed which: the decisions of NMS, found from the boxes that it kept."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nntasks.ops import batched_nms, box_iou

_PAIRS_AT_ONCE = 1 << 22  # IoUs in memory


@dataclass(frozen=True)
class Suppression:
    """The decisions of NMS about N boxes.

    Attributes:
        kept: (K,) int64, by descending score.
        by: (N,) int64, the kept box that suppressed each box: of those that overlap it enough, the
            one with the highest score; -1 for kept boxes.
        iou: (N,) float, the IoU of the two; NaN for kept boxes.
    """

    kept: Tensor
    by: Tensor
    iou: Tensor


def suppression(boxes: Tensor, scores: Tensor, groups: Tensor, threshold: float) -> Suppression:
    """Run NMS within groups, and find what suppressed each box.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        groups: (N,) integers, such as classes.
        threshold: a box is suppressed by a kept one if their IoU is greater.
    """
    kept = batched_nms(boxes, scores, groups, threshold)
    by = torch.full((len(boxes),), -1, dtype=torch.int64, device=boxes.device)
    overlap = torch.full((len(boxes),), torch.nan, dtype=boxes.dtype, device=boxes.device)
    dropped = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    dropped[kept] = False
    limit = torch.tensor(threshold, dtype=boxes.dtype)  # as NMS compares
    for group in torch.unique(groups[dropped]):
        rivals = kept[groups[kept] == group]
        rest = torch.nonzero(dropped & (groups == group)).flatten()
        for part in rest.split(max(1, _PAIRS_AT_ONCE // len(rivals))):
            ious = box_iou(boxes[part], boxes[rivals])
            first = (ious > limit).int().argmax(dim=1)  # the first is the strongest
            by[part] = rivals[first]
            overlap[part] = ious.gather(1, first[:, None])[:, 0]
    return Suppression(kept, by, overlap)
