"""The metrics of `yolo_detect`, built from its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nntasks.interfaces import DataInfo
from nntasks.plugins.yolo_detect.config import YoloConfig

if TYPE_CHECKING:
    from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric


def build_detection(config: YoloConfig, info: DataInfo) -> DetectionMetric:
    """Return the detection metric; counts are taken at `confidence`.

    COCO's numbers take the best `coco_detections` per image and class.
    """
    # Imported here, as `predict` resolves the name of the metric and evaluates nothing.
    from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric

    return DetectionMetric(
        info.classes,
        confidence=config.confidence,
        max_detections=config.coco_detections,
        most=config.max_detections,
    )
