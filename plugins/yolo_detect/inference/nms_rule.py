"""The rule of NMS that a configuration asks for."""

from __future__ import annotations

from dataclasses import dataclass

from nntasks.plugins.yolo_detect.config import YoloConfig


@dataclass(frozen=True)
class SoftNms:
    """Gaussian soft-NMS (Bodla et al., ICCV 2017) in place of an IoU threshold.

    Attributes:
        sigma: a box's score is multiplied by exp(-IoU^2 / sigma) for each box that is taken before
            it; above 0.
        lowest: boxes whose score falls to this or below are dropped.
    """

    sigma: float
    lowest: float


def rule_for_display(config: YoloConfig) -> float | SoftNms:
    """Return the IoU threshold, or the rule of soft-NMS, for boxes that are shown."""
    return SoftNms(config.soft_sigma, config.confidence) if config.nms == "soft" else config.iou


def rule_for_map(config: YoloConfig) -> float | SoftNms:
    """Return the IoU threshold, or the rule of soft-NMS, for boxes that count for mAP."""
    if config.nms == "soft":
        return SoftNms(config.soft_sigma, config.eval_confidence)
    return config.eval_iou
