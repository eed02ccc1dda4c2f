"""Detection step by step, with arrays: `from nntasks.plugins.yolo_detect import read_output`.

These are views of the code behind `run`, `predict` and the report. docs/by-hand.md shows their use.
"""

from __future__ import annotations

from nntasks.plugins.yolo_detect.by_hand.box_matches import Matches, match_boxes
from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes, iou
from nntasks.plugins.yolo_detect.by_hand.nms_sliders import NmsSliders
from nntasks.plugins.yolo_detect.by_hand.nms_steps import NmsSteps, nms_steps
from nntasks.plugins.yolo_detect.by_hand.output_tensor import (
    OutputTensor,
    open_detector,
    read_output,
)
from nntasks.plugins.yolo_detect.by_hand.precision_recall import PrecisionRecall, precision_recall
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

__all__ = [
    "Boxes",
    "Detections",
    "GroundTruth",
    "Matches",
    "NmsSliders",
    "NmsSteps",
    "OutputTensor",
    "PrecisionRecall",
    "iou",
    "match_boxes",
    "nms_steps",
    "open_detector",
    "precision_recall",
    "read_output",
]
