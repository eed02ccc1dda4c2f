"""The detection loss: boxes by CIoU, objectness against the IoU reached, classes one by one.

A prediction t stands for the box with centre 2 sigmoid(t_xy) - 0.5 from its cell's corner and
sides anchor * (2 sigmoid(t_wh))^2, in grid cells. Parts and gains are those of YOLOv5 as its
documentation and hyper-parameter files state them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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


class DetectionLoss:
    """The loss of raw predictions against targets, averaged over the batch.

    Args:
        class_count: C.
        image_size: side of the network's input in pixels.
        levels: how many levels the network has.
        box, objectness, classification: published gains, meant for 640 pixels, 80 classes and
            three levels. They are scaled as published: box by 3 / levels, objectness by
            (image_size / 640)^2 * 3 / levels, classification by C / 80 * 3 / levels.
        label_smoothing: e; classes are trained towards 1 - e / 2 and e / 2.
        threshold: the side ratio from which on an anchor does not fit an object.
    """

    def __init__(
        self,
        class_count: int,
        image_size: int,
        levels: int = 3,
        *,
        box: float = 0.05,
        objectness: float = 1.0,
        classification: float = 0.5,
        label_smoothing: float = 0.0,
        threshold: float = RATIO_THRESHOLD,
    ) -> None:
        share = 3 / levels
        self.class_count = class_count
        self.box_gain = box * share
        self.objectness_gain = objectness * share * (image_size / 640) ** 2
        self.class_gain = classification * share * class_count / 80
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
            the total, and its parts `box`, `objectness` and `class` with their gains applied,
            detached; the parts add up to the total. All are scalars. The total is a mean over the
            batch: to use learning rates that were published for a sum, multiply by the batch size.
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
        wanted = torch.zeros(raw.shape[:4], dtype=raw.dtype, device=raw.device)
        if not len(match):
            nothing = raw.new_zeros(())
            return nothing, F.binary_cross_entropy_with_logits(raw[..., 4], wanted), nothing
        cell = (match.image * anchor_count + match.anchor) * height + match.row
        cell = cell * width + match.column
        # An embedding's gradient adds up in a fixed order, unlike that of indexing.
        chosen = F.embedding(cell, raw.reshape(-1, channels))  # (n, 5 + C)
        centre = 2 * chosen[:, :2].sigmoid() - 0.5
        sides = (2 * chosen[:, 2:4].sigmoid()).square() * match.anchors
        ciou, iou = paired_ciou(torch.cat([centre, sides], dim=1), match.boxes)
        # Where several objects share a prediction, the best box counts.
        reached = iou.detach().clamp(min=0).to(wanted.dtype)
        wanted.view(-1).scatter_reduce_(0, cell, reached, "amax")
        objectness = F.binary_cross_entropy_with_logits(raw[..., 4], wanted)
        return (1 - ciou).mean(), objectness, self._classes(chosen[:, 5:], match.labels)

    def _classes(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.class_count == 1:  # nothing to tell apart
            return logits.new_zeros(())
        wanted = torch.full_like(logits, self.low)
        wanted.scatter_(1, labels[:, None], self.high)
        return F.binary_cross_entropy_with_logits(logits, wanted)
