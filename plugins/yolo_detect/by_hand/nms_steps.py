"""NMS box by box: which one suppressed which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from nntasks.api.rows import Rows
from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes
from nntasks.plugins.yolo_detect.inference.suppression import suppression


@dataclass(frozen=True, repr=False)
class NmsSteps:
    """The decisions of NMS, in the order in which boxes are visited.

    Attributes:
        boxes: N of them, as given.
        threshold: the IoU above which a box is suppressed.
        order: (N,) int64, the boxes as they are visited: by descending score, ties by number.
        kept: (K,) int64, the boxes that stay, in this order.
        suppressed_by: (N,) int64, the box that suppressed each box; -1 for those that stay.
        overlap: (N,) the IoU of the two; NaN for those that stay.
    """

    boxes: Boxes
    threshold: float
    order: np.ndarray
    kept: np.ndarray
    suppressed_by: np.ndarray
    overlap: np.ndarray

    @property
    def final(self) -> Boxes:
        """The boxes that stay, by descending score."""
        return self.boxes[self.kept]

    @property
    def table(self) -> Rows:
        """One row per step: the box that is visited, and what became of it."""
        found, rows = self.boxes, []
        for step, box in enumerate(self.order.tolist()):
            by = int(self.suppressed_by[box])
            rows.append(
                {
                    "step": step,
                    "box": box,
                    "class": found.class_names[found.labels[box]],
                    "score": float(found.scores[box]),
                    "result": "kept" if by < 0 else "suppressed",
                    "by": None if by < 0 else by,
                    "iou": None if by < 0 else float(self.overlap[box]),
                }
            )
        return Rows(rows, f"NMS at IoU {self.threshold:g}")

    def suppressed(self, box: int) -> np.ndarray:
        """Return the boxes that a box suppressed: (S,) int64, in the order of the steps."""
        return self.order[self.suppressed_by[self.order] == box]

    def __repr__(self) -> str:
        return f"<NmsSteps: {len(self.boxes)} boxes, {len(self.kept)} kept>"

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def nms_steps(boxes: Boxes, iou: float = 0.45, *, across_classes: bool = False) -> NmsSteps:
    """Run NMS, and tell what becomes of each box.

    Args:
        boxes: of one picture, such as `OutputTensor.candidates()` or `Boxes.of(...)`.
        iou: a box is suppressed by a kept one if their IoU is greater; in 0..1.
        across_classes: whether boxes of different classes suppress each other.
    """
    corners = torch.from_numpy(np.ascontiguousarray(boxes.boxes))
    scores = torch.from_numpy(np.ascontiguousarray(boxes.scores))
    labels = torch.from_numpy(np.ascontiguousarray(boxes.labels))
    groups = torch.zeros_like(labels) if across_classes else labels
    found = suppression(corners, scores, groups, iou)
    return NmsSteps(
        boxes,
        iou,
        np.argsort(-boxes.scores, kind="stable"),
        found.kept.numpy(),
        found.by.numpy(),
        found.iou.numpy(),
    )
