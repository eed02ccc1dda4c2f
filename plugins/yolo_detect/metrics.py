"""The metrics of `yolo_detect`, built from its configuration."""

from __future__ import annotations

from nntasks.interfaces import DataInfo
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric


def build_detection(config: YoloConfig, info: DataInfo) -> DetectionMetric:
    """Return the detection metric; counts are taken at `confidence`.

    COCO's numbers take the best 100 detections per image and class, the others all that are kept.
    """
    return DetectionMetric(info.classes, confidence=config.confidence, most=config.max_detections)
