"""The detection loss: CIoU for boxes, binary cross-entropy for objectness and each class.

A prediction t encodes a box: its centre lies 2 sigmoid(t_xy) - 0.5 from the corner of the cell, and
its sides are anchor * (2 sigmoid(t_wh))^2, in grid cells. The objectness target is the IoU of box
and object. The terms and gains are those that YOLOv5's documentation and hyper-parameter files
give.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nntasks.plugins.yolo_detect.training.anchors import RATIO_THRESHOLD
from nntasks.plugins.yolo_detect.training.assignment import LevelTargets, assign

LEVEL_BALANCE = {3: (4.0, 1.0, 0.4), 4: (4.0, 1.0, 0.25, 0.06)}  # finest level first
_EPSILON = 1e-7


def paired_ciou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return CIoU and IoU of boxes, row by row.

    Zheng et al., "Distance-IoU Loss", AAAI 2020: CIoU = IoU - d^2 / c^2 - alpha v, where d is the
    distance of the centres, c the diagonal of the box around both, v the difference in aspect and
    alpha = v / (1 - IoU + v), through which no gradient flows.

    Args:
        a, b: (N, 4) as (centre x, centre y, width, height), sides positive.

    Returns:
        CIoU in -2.. 1 and IoU in 0..1, both (N,) and differentiable in both arguments.
    """
    half_a, half_b = a[:, 2:] / 2, b[:, 2:] / 2
    low_a, high_a = a[:, :2] - half_a, a[:, :2] + half_a
    low_b, high_b = b[:, :2] - half_b, b[:, :2] + half_b
    overlap = (torch.minimum(high_a, high_b) - torch.maximum(low_a, low_b)).clamp(min=0).prod(1)
    union = a[:, 2:].prod(1) + b[:, 2:].prod(1) - overlap
    iou = overlap / (union + _EPSILON)
    around = torch.maximum(high_a, high_b) - torch.minimum(low_a, low_b)
    diagonal = around.square().sum(1) + _EPSILON
    distance = (a[:, :2] - b[:, :2]).square().sum(1)
    angle = torch.atan(a[:, 2] / (a[:, 3] + _EPSILON)) - torch.atan(b[:, 2] / (b[:, 3] + _EPSILON))
    aspect = (4 / math.pi**2) * angle.square()
    with torch.no_grad():
        alpha = aspect / (1 - iou + aspect + _EPSILON)
    return iou - distance / diagonal - alpha * aspect, iou


@dataclass(frozen=True)
class LossGains:
    """The weights of the three loss terms, as published for 640 pixels, 80 classes and 3 levels."""

    box: float = 0.05
    objectness: float = 1.0
    classification: float = 0.5


class DetectionLoss:
    """The loss of raw predictions against targets, averaged over the batch.

    Args:
        class_count: C.
        image_size: side of the network's input in pixels.
        levels: number of detection levels of the network.
        gains: weights of the terms. They are scaled as published: box by 3 / levels, objectness by
            (image_size / 640)^2 * 3 / levels, classification by C / 80 * 3 / levels.
        label_smoothing: e; the class targets are 1 - e / 2 and e / 2.
        threshold: side ratio from which an anchor no longer fits an object.
    """

    def __init__(
        self,
        class_count: int,
        image_size: int,
        levels: int = 3,
        *,
        gains: LossGains | None = None,
        label_smoothing: float = 0.0,
        threshold: float = RATIO_THRESHOLD,
    ) -> None:
        share, gains = 3 / levels, gains or LossGains()
        self.class_count = class_count
        self.box_gain = gains.box * share
        self.objectness_gain = gains.objectness * share * (image_size / 640) ** 2
        self.class_gain = gains.classification * share * class_count / 80
        self.balance = LEVEL_BALANCE.get(levels, (1.0,) * levels)
        self.high, self.low = 1 - label_smoothing / 2, label_smoothing / 2
        self.threshold = threshold

    def __call__(
        self, raw: Sequence[Tensor], targets: Tensor, anchors: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss.

        Args:
            raw: per level (B, A, H, W, 5 + C): x, y, w, h, objectness, classes, all logits.
            targets: (T, 6), see `assignment.assign`.
            anchors: (levels, A, 2) in grid cells of their level.

        Returns:
            the total, and its terms `box`, `objectness` and `class`, detached, with their gains
            applied. All are scalars, and the terms add up to the total. The total is a mean over
            the batch: multiply it by the batch size to use learning rates published for a sum.
        """
        grids = [(level.shape[2], level.shape[3]) for level in raw]
        matches = assign(targets, anchors.to(targets.dtype), grids, self.threshold)
        box, objectness, classes = (raw[0].new_zeros(()) for _ in range(3))
        for level, match, balance in zip(raw, matches, self.balance, strict=True):
            level_box, level_objectness, level_classes = self._level(level, match)
            box = box + level_box
            objectness = objectness + balance * level_objectness
            classes = classes + level_classes
        parts = {
            "box": self.box_gain * box,
            "objectness": self.objectness_gain * objectness,
            "class": self.class_gain * classes,
        }
        total = parts["box"] + parts["objectness"] + parts["class"]
        return total, {name: part.detach() for name, part in parts.items()}

    def _level(self, raw: Tensor, match: LevelTargets) -> tuple[Tensor, Tensor, Tensor]:
        """Return the three losses of one level, without gains."""
        _, anchor_count, height, width, channels = raw.shape
        target = torch.zeros(raw.shape[:4], dtype=raw.dtype, device=raw.device)
        if not len(match):
            nothing = raw.new_zeros(())
            return nothing, F.binary_cross_entropy_with_logits(raw[..., 4], target), nothing
        cell = (match.image * anchor_count + match.anchor) * height + match.row
        cell = cell * width + match.column
        # The gradient of F.embedding is summed in a fixed order, that of indexing is not.
        chosen = F.embedding(cell, raw.reshape(-1, channels))  # (n, 5 + C)
        centre = 2 * chosen[:, :2].sigmoid() - 0.5
        sides = (2 * chosen[:, 2:4].sigmoid()).square() * match.anchors
        ciou, iou = paired_ciou(torch.cat([centre, sides], dim=1), match.boxes)
        # If several objects share a prediction, the highest IoU is its target.
        reached = iou.detach().clamp(min=0).to(target.dtype)
        target.view(-1).scatter_reduce_(0, cell, reached, "amax")
        objectness = F.binary_cross_entropy_with_logits(raw[..., 4], target)
        return (1 - ciou).mean(), objectness, self._classes(chosen[:, 5:], match.labels)

    def _classes(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.class_count == 1:  # a single class needs no class loss
            return logits.new_zeros(())
        target = torch.full_like(logits, self.low)
        target.scatter_(1, labels[:, None], self.high)
        return F.binary_cross_entropy_with_logits(logits, target)
