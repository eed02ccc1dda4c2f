"""Registers `yolo_detect`, YOLOv5 object detection.

What shows detection step by step is imported from here, and loaded when it is used; see
docs/by-hand.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from nntasks.hookspecs import Entry, hookimpl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nntasks.plugins.yolo_detect.by_hand import (
        Boxes,
        Detections,
        GroundTruth,
        Matches,
        NmsSliders,
        NmsSteps,
        OutputTensor,
        PrecisionRecall,
        iou,
        match_boxes,
        nms_steps,
        open_detector,
        precision_recall,
        read_output,
    )

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

_HERE = "nntasks.plugins.yolo_detect"
_TASK = ("yolo_detect",)


@hookimpl
def register_tasks() -> Iterable[Entry]:
    return [
        Entry(
            "yolo_detect",
            f"{_HERE}.task:YoloDetect",
            "YOLOv5 object detection: boxes, NMS, precision and recall, mAP",
            scorer=f"{_HERE}.scoring.scorer:DetectionScorer",
        )
    ]


@hookimpl
def register_models() -> Iterable[Entry]:
    here = f"{_HERE}.model"
    return [
        Entry("yolov5p", f"{here}:PICO", "YOLOv5 at a quarter of nano, for small pictures", _TASK),
        Entry("yolov5n", f"{here}:NANO", "YOLOv5 nano: depth 0.33, width 0.25", _TASK),
        Entry("yolov5s", f"{here}:SMALL", "YOLOv5 small: depth 0.33, width 0.50", _TASK),
        Entry("yolov5m", f"{here}:MEDIUM", "YOLOv5 medium: depth 0.67, width 0.75", _TASK),
        Entry("yolov5l", f"{here}:LARGE", "YOLOv5 large: depth 1.00, width 1.00", _TASK),
        Entry("yolov5x", f"{here}:EXTRA", "YOLOv5 extra large: depth 1.33, width 1.25", _TASK),
    ]


@hookimpl
def register_metrics() -> Iterable[Entry]:
    return [
        Entry(
            "detection",
            f"{_HERE}.metrics:build_detection",
            "COCO, VOC and YOLOv5 mAP, precision, recall, F1 from one table of matches",
            _TASK,
        )
    ]


@hookimpl
def register_datasets() -> Iterable[Entry]:
    return [
        Entry(
            "scenes",
            f"{_HERE}.data.scenes:Scenes",
            "generated scenes: real handwritten digits on textured backgrounds",
            _TASK,
        ),
        Entry(
            "coco128",
            f"{_HERE}.data.coco128:Coco128",
            "the first 128 photographs each of COCO train2017 and val2017",
            _TASK,
        ),
        Entry(
            "coco_json",
            f"{_HERE}.data.coco_json:CocoJson",
            "your own images with a COCO annotation file",
            _TASK,
        ),
        Entry(
            "yolo_folder",
            f"{_HERE}.data.yolo_folder:YoloFolder",
            "your own images with one YOLO label file each",
            _TASK,
        ),
    ]


if not TYPE_CHECKING:  # otherwise a type checker would treat every name as Any

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from nntasks.plugins.yolo_detect import by_hand

        return getattr(by_hand, name)
