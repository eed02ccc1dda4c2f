"""Scored boxes as arrays, and their IoU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import ArrayLike

from nntasks.api.rows import Rows
from nntasks.errors import UsageError
from nntasks.ops import box_iou
from nntasks.plugins.yolo_detect.samples import Detections

_CORNERS = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, repr=False)
class Boxes(Detections):
    """Scored boxes of one picture, in any order.

    Attributes:
        boxes: (N, 4) x1, y1, x2, y2, in pixels.
        scores: (N,) in 0..1.
        labels: (N,) int64.
        class_names: by label.
        output_rows: (N,) int64, the row of the output tensor that each box comes from; empty if it
            comes from nowhere.
    """

    class_names: tuple[str, ...] = ()
    output_rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(
        cls,
        boxes: ArrayLike,
        scores: ArrayLike,
        labels: ArrayLike | None = None,
        class_names: Sequence[str] = (),
    ) -> Boxes:
        """Return boxes from lists or arrays.

        Args:
            boxes: (N, 4) x1, y1, x2, y2.
            scores: (N,).
            labels: (N,) whole numbers; by default all boxes are of class 0.
            class_names: by label; numbers by default.

        Raises:
            UsageError: a wrong shape, or a label without a name.
        """
        corners = np.asarray(boxes, np.float64).reshape(-1, 4) if np.size(boxes) else _NO_BOXES
        numbers = np.asarray(scores, np.float64)
        kinds = np.zeros(len(corners), np.int64) if labels is None else np.asarray(labels)
        if np.size(boxes) and np.shape(boxes) != corners.shape:
            raise UsageError(f"expected boxes (N, 4), got {np.shape(boxes)}")
        if numbers.shape != (len(corners),) or kinds.shape != (len(corners),):
            raise UsageError(
                f"expected a score and a label for each of {len(corners)} boxes, got "
                f"{numbers.shape} and {kinds.shape}"
            )
        names = tuple(class_names) or tuple(map(str, range(int(kinds.max(initial=0)) + 1)))
        if kinds.size and not 0 <= kinds.min() <= kinds.max() < len(names):
            raise UsageError(
                f"expected labels in 0..{len(names) - 1}, got {kinds.min()} to {kinds.max()}"
            )
        return cls(corners, numbers, kinds.astype(np.int64), names)

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, index: ArrayLike | slice) -> Boxes:
        """Return the boxes that an index, a mask or a slice names."""
        chosen = index if isinstance(index, slice) else np.atleast_1d(np.asarray(index))
        return replace(
            self,
            boxes=self.boxes[chosen],
            scores=self.scores[chosen],
            labels=self.labels[chosen],
            output_rows=self.output_rows[chosen] if self.output_rows.size else self.output_rows,
        )

    @property
    def table(self) -> Rows:
        """One row per box: its number, class, score and corners."""
        return Rows(
            {
                "box": number,
                "class": self.class_names[label],
                "score": float(score),
                **dict(zip(_CORNERS, map(float, box), strict=True)),
            }
            for number, (box, score, label) in enumerate(
                zip(self.boxes, self.scores, self.labels, strict=True)
            )
        )

    def __repr__(self) -> str:
        return f"<Boxes: {len(self)}>"

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


_NO_BOXES = np.zeros((0, 4))


def iou(a: ArrayLike | Detections, b: ArrayLike | Detections) -> np.ndarray:
    """Return the IoU of every box in `a` with every box in `b`, as `nntasks.ops.box_iou` does.

    Args:
        a: (N, 4) x1, y1, x2, y2, or (4,) for one box.
        b: (M, 4), likewise.

    Returns:
        (N, M) float64 in 0..1.
    """
    return box_iou(_corners(a), _corners(b)).numpy()


def _corners(boxes: ArrayLike | Detections) -> torch.Tensor:
    given = boxes.boxes if isinstance(boxes, Detections) else boxes
    corners = np.atleast_2d(np.asarray(given, np.float64))
    if corners.shape[1:] != (4,):
        raise UsageError(f"iou: expected boxes (N, 4), got {np.shape(given)}")
    return torch.from_numpy(np.ascontiguousarray(corners))
