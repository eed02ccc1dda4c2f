"""Soft-NMS within each image and class: overlapping boxes get lower scores instead of none."""

from __future__ import annotations

import torch
from torch import Tensor

from nntasks.ops import soft_nms
from nntasks.plugins.yolo_detect.inference.nms_rule import SoftNms


def softened(boxes: Tensor, scores: Tensor, groups: Tensor, rule: SoftNms) -> tuple[Tensor, Tensor]:
    """Return the indices (K,) of the boxes that stay, by descending new score, and these scores.

    Args:
        boxes: (N, 4) xyxy.
        scores: (N,).
        groups: (N,) integers; boxes of different groups leave each other alone.
        rule: sigma, and the lowest score.
    """
    kept, lowered = [], []
    for group in torch.unique(groups):
        members = torch.nonzero(groups == group).squeeze(1)
        chosen, new = soft_nms(
            boxes[members], scores[members], sigma=rule.sigma, score_threshold=rule.lowest
        )
        kept.append(members[chosen])
        lowered.append(new.to(scores.dtype))
    if not kept:
        return torch.empty(0, dtype=torch.int64, device=boxes.device), scores[:0]
    found, new = torch.cat(kept), torch.cat(lowered)
    by_index = torch.argsort(found)  # so that ties are ordered by index
    order = by_index[torch.argsort(new[by_index], descending=True, stable=True)]
    return found[order], new[order]
