"""What each image costs: how much mAP@0.5 rises when the image is left out."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import coco_101
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable


def image_costs(table: MatchTable, iou: float = 0.5) -> np.ndarray:
    """Return (I,) float64: COCO's AP without an image minus AP with all; NaN if undefined.

    A class whose only objects are in the image is left out of the mean with it.

    Args:
        table: the matches, with all images.
        iou: one of the table's thresholds.
    """
    images = len(table.image_ids)
    threshold = table.threshold_index(iou)
    counted = ~table.ignored(threshold)
    right = table.matched(threshold) >= 0
    truth, real = table.truths, ~table.truths.ignored[:, 0]
    precision = np.full(len(table.class_names), np.nan)
    change, gone = np.zeros(images), np.zeros(images, np.int64)
    for label, truths in enumerate(table.counted_truths().tolist()):
        if not truths:
            continue
        ranking = np.flatnonzero((table.detections.label == label) & counted)
        mine = truth.image[real & (truth.label == label)]
        objects = np.bincount(mine, minlength=images)
        precision[label], others = _without_each(
            table.detections.image[ranking], right[ranking], objects
        )
        gone += np.isnan(others)
        change += np.nan_to_num(others - precision[label], nan=-precision[label])
    known = ~np.isnan(precision)
    total, classes = precision[known].sum(), int(known.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        return (total + change) / (classes - gone) - total / classes


def _without_each(
    owner: np.ndarray, right: np.ndarray, objects: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the AP of one ranking, and (I,) AP without each image; NaN where no object is left.

    Args:
        owner: (n,) image of each ranked detection.
        right: (n,) bool.
        objects: (I,) objects of the class in each image.
    """
    places = np.flatnonzero(right) + 1
    truths = int(objects.sum())
    whole = coco_101(places, len(owner), truths)
    others = np.full(len(objects), whole)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(objects) + 1))
    for image in np.union1d(np.unique(owner), np.flatnonzero(objects)):
        removed = order[starts[image] : starts[image + 1]] + 1  # ranks, ascending
        kept = places[owner[places - 1] != image]
        kept = kept - np.searchsorted(removed, kept)
        left = truths - int(objects[image])
        others[image] = coco_101(kept, len(owner) - len(removed), left)
    return whole, others
