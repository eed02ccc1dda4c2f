"""The programs by name, with what they compute and by which rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nntasks.plugins.yolo_detect.evaluation.conventions import (
    pycocotools,
    torchmetrics,
    ultralytics,
    voc,
)
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import Weighted


@dataclass(frozen=True)
class Program:
    """A program whose numbers are computed here.

    Attributes:
        compute: returns its numbers by name, in 0..1.
        weighted: returns what computes them, and more, for many weightings of the images.
        rules: its rules for average precision.
        definition: what sets it apart, in a sentence.
        map50: the name of mAP at IoU 0.5 among its numbers.
        map50_95: the name of mAP at 0.50:0.05:0.95; empty if it has none.
    """

    compute: Callable[[Problem], dict[str, float]]
    weighted: Callable[[Problem], Weighted]
    rules: Rules
    definition: str
    map50: str = "map50"
    map50_95: str = "map50_95"


PROGRAMS = {
    "pycocotools": Program(
        pycocotools.pycocotools,
        pycocotools.weighted_pycocotools,
        pycocotools.RULES,
        "COCO: the best 100 detections of an image and class, crowd regions ignored, precision "
        "averaged at 101 recalls",
    ),
    "torchmetrics": Program(
        torchmetrics.torchmetrics,
        torchmetrics.weighted_torchmetrics,
        torchmetrics.RULES,
        "COCO with boxes, IoU thresholds and recalls in single precision, and with the areas of "
        "boxes for the sizes",
        "map_50",
        "map",
    ),
    "ultralytics": Program(
        ultralytics.ultralytics,
        ultralytics.weighted_ultralytics,
        ultralytics.RULES,
        "the best 300 detections of an image, crowd regions left out, straight lines between 101 "
        "recalls that end with the highest recall",
    ),
    "yolov5": Program(
        ultralytics.yolov5,
        ultralytics.weighted_yolov5,
        ultralytics.YOLOV5_RULES,
        "as Ultralytics, but a detection whose best object is taken is wrong, and the last line "
        "goes down to recall 1",
    ),
    "voc_2007": Program(
        voc.voc_2007,
        voc.weighted_voc_2007,
        voc.VOC_2007_RULES,
        "all detections, edges one pixel wide, difficult objects ignored, a detection whose best "
        "object is taken is wrong, precision averaged at 11 recalls",
        map50_95="",
    ),
    "voc_2010": Program(
        voc.voc_2010,
        voc.weighted_voc_2010,
        voc.VOC_2010_RULES,
        "as VOC 2007, but the whole area under the curve",
        map50_95="",
    ),
    "voc_all_points": Program(
        voc.voc_all_points,
        voc.weighted_voc_all_points,
        voc.ALL_POINTS_RULES,
        "as VOC 2010, but edges have no width and difficult objects count",
        map50_95="",
    ),
}
