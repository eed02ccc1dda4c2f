"""Counts of true and false positives and misses per image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.records import ImageId


@dataclass(frozen=True)
class ImageRow:
    """The counts of one image; crowd regions and their detections are left out.

    `f1` is 2 true positives / (detections + objects), NaN without either.
    """

    image_id: ImageId
    objects: int
    detections: int
    true_positives: int
    false_positives: int
    false_negatives: int
    f1: float


def image_rows(table: MatchTable, iou: float, confidence: float) -> list[ImageRow]:
    """Return one row per image, by image id, of the detections with at least this confidence."""
    threshold = table.threshold_index(iou)
    counts = (table.detections.score >= confidence) & ~table.ignored(threshold)
    right = counts & (table.matched(threshold) >= 0)
    images = len(table.image_ids)
    objects = np.bincount(table.truths.image[~table.truths.ignored[:, 0]], minlength=images)
    detections = np.bincount(table.detections.image[counts], minlength=images)
    hits = np.bincount(table.detections.image[right], minlength=images)
    columns = zip(
        table.image_ids, objects.tolist(), detections.tolist(), hits.tolist(), strict=True
    )
    return [
        ImageRow(
            image_id=name,
            objects=true,
            detections=found,
            true_positives=hit,
            false_positives=found - hit,
            false_negatives=true - hit,
            f1=2 * hit / (found + true) if found + true else float("nan"),
        )
        for name, true, found, hit in columns
    ]
