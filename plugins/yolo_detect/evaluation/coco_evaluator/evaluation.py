"""From boxes to COCO's numbers."""

from __future__ import annotations

import numpy as np

from nntasks.machine.threads import thread_count
from nntasks.plugins.yolo_detect.evaluation.coco import (
    COCO_RECALLS,
    CocoNumbers,
    recall_counts,
    share,
)
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR
from nntasks.plugins.yolo_detect.evaluation.matches import AREA_RANGES, COCO_THRESHOLDS
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords


def evaluate(
    records: FlatRecords,
    classes: int,
    *,
    max_detections: int = 100,
    thresholds: np.ndarray = COCO_THRESHOLDS,
    recalls: np.ndarray = COCO_RECALLS,
) -> CocoNumbers:
    """Match the detections of all images with their truths and count.

    Args:
        records: see `FlatRecords`.
        classes: their number; labels are below it.
        max_detections: counted detections per image and class, highest scores first.
        thresholds: (10,) float64, 0.50:0.05:0.95 in double or single precision.
        recalls: (R,) float64, rising, at which the best precision is read and averaged.

    Returns:
        What `coco_numbers` gives for the table of the same records.

    Source: the COCO detection evaluation, https://cocodataset.org/#detection-eval.
    """
    found, true = records.detections, records.truths
    limits = recall_counts(max_detections)
    precision, hits, early, truths = EVALUATOR.chosen().count_matches(
        (found.image, found.label, found.score, found.box),
        (true.image, true.label, true.box, true.crowd, true.area),
        (thresholds, AREA_RANGES, recalls, np.array(limits)),
        images=len(records.image_ids),
        classes=classes,
        max_detections=max_detections,
        threads=thread_count(),
    )
    return CocoNumbers(
        precision=precision,
        recall=share(hits, truths[:, None]),
        recall_at={count: share(early[place], truths[0]) for place, count in enumerate(limits)},
    )
