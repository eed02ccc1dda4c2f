"""The choices that a program makes between boxes and average precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import (
    AveragePrecision,
    coco_101,
    single_101,
    ultralytics_101,
    voc07_11,
    voc10_area,
    yolov5_101,
)

AVERAGES: dict[str, AveragePrecision] = {
    "coco": coco_101,
    "single": single_101,
    "yolov5": yolov5_101,
    "ultralytics": ultralytics_101,
    "voc07": voc07_11,
    "voc10": voc10_area,
}
THRESHOLDS = np.linspace(0.5, 0.95, 10)


@dataclass(frozen=True)
class Rules:
    """How a program gets from boxes to average precision.

    Attributes:
        most: counted detections of an image, highest scores first; none for all.
        per_class: whether `most` counts each class of an image by itself.
        crowds: "ignored": detections in a crowd region are neither right nor wrong. "left out":
            crowd regions are no objects, and detections in them are wrong.
        difficult: "counted" like every object, or "ignored".
        pixel: added to the width and height of a box: 1 where edges belong to it.
        arithmetic: "double"; "single boxes": corners in single precision, IoU in double; "single":
            corners, IoU and thresholds in single precision.
        matching: "next free": a detection takes the best object that is still free.
            "best only": it is wrong if its best object is taken.
        order: of equal scores. "stable": by image and given order. "numpy": as NumPy's default sort
            of single-precision scores leaves them, which depends on the processor.
        id_zero: whether an annotation whose id is 0 is "matched", or "lost" as in pycocotools:
            used up, and its detection wrong.
        average: key of `AVERAGES`.
    """

    most: int | None = 100
    per_class: bool = True
    crowds: Literal["ignored", "left out"] = "ignored"
    difficult: Literal["counted", "ignored"] = "counted"
    pixel: int = 0
    arithmetic: Literal["double", "single boxes", "single"] = "double"
    matching: Literal["next free", "best only"] = "next free"
    order: Literal["stable", "numpy"] = "stable"
    id_zero: Literal["matched", "lost"] = "matched"
    average: str = "coco"

    def thresholds(self) -> np.ndarray:
        """Return (10,) float64: the IoU thresholds 0.50:0.05:0.95 as the program holds them."""
        if self.arithmetic == "double":
            return THRESHOLDS
        return THRESHOLDS.astype(np.float32).astype(np.float64)
