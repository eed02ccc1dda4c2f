"""Inputs and outputs of a detector: images, true boxes, detections.

Boxes are (x1, y1, x2, y2) in pixels of the original image, with x to the right and y down, and
the area of a box is (x2 - x1) * (y2 - y1). Class labels are indices from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GroundTruth:
    """The true objects of one image.

    Attributes:
        boxes: (M, 4) float64.
        labels: (M,) int64.
        crowd: (M,) bool; a crowd region is a box that stands for many objects. Detections inside
            it are neither true nor false positives (COCO rule).
        areas: (M,) float64 in square pixels, for the COCO size classes. COCO uses the area of the
            object's mask, which is smaller than its box; data without masks use the box's area.
    """

    boxes: np.ndarray
    labels: np.ndarray
    crowd: np.ndarray
    areas: np.ndarray

    @classmethod
    def from_boxes(cls, boxes: np.ndarray, labels: np.ndarray) -> GroundTruth:
        """Return objects without crowd regions, with the areas of their boxes."""
        boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        labels = np.asarray(labels, dtype=np.int64).reshape(-1)
        return cls(boxes, labels, np.zeros(len(boxes), dtype=bool), areas)


@dataclass(frozen=True)
class Detections:
    """The detections in one image, by descending score.

    Attributes:
        boxes: (N, 4) float64.
        scores: (N,) float64 in 0..1.
        labels: (N,) int64.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One image of a data set with its true objects.

    Attributes:
        image_id: unique within the split; names the image in tables and messages.
        read: reads the image as (H, W, 3) uint8 RGB on demand.
        truth: the objects, in pixels of the image.
    """

    image_id: int | str
    read: Callable[[], np.ndarray]
    truth: GroundTruth
