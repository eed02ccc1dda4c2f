"""Candidates for errors in the truth: duplicates, objects without a label, wrong classes.

They are candidates, ranked so that a person looks at the likeliest first. None is proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.overlap import candidate_pairs
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords
from nntasks.plugins.yolo_detect.evaluation.tide import CLS, DetectionErrors

_TWICE = 0.9  # IoU above which two objects of one class are probably one
_ANY = 1e-12


def duplicates(records: FlatRecords, class_names: Sequence[str]) -> list[dict[str, Any]]:
    """Return pairs of objects of one class and image with an IoU above 0.9, highest IoU first."""
    truths, classes = records.truths, len(class_names)
    group = truths.image * classes + truths.label
    order = np.argsort(group, kind="stable")
    box, plain = truths.box[order], np.zeros(len(order), bool)
    pairs = candidate_pairs(box, group[order], box, group[order], plain, _TWICE)
    both = (pairs.detection < pairs.truth) & (pairs.iou > _TWICE)
    crowd = truths.crowd[order]
    both &= ~crowd[pairs.detection] & ~crowd[pairs.truth]
    first, second, iou = order[pairs.detection[both]], order[pairs.truth[both]], pairs.iou[both]
    return [
        _object(records, class_names, one) | {"other_box": truths.box[two].tolist(), "iou": overlap}
        for overlap, one, two in sorted(
            zip(iou.tolist(), first.tolist(), second.tolist(), strict=True),
            key=lambda row: (-row[0], row[1]),
        )
    ]


def unlabelled(
    records: FlatRecords, class_names: Sequence[str], *, confidence: float = 0.5
) -> list[dict[str, Any]]:
    """Return detections that touch no object or crowd region, highest confidence first.

    Of detections of one class that overlap each other by half or more, only the best is given.
    """
    from nntasks.ops import batched_nms  # torch, which naming the metrics can do without

    found, truths = records.detections, records.truths
    sure = np.flatnonzero(found.score >= confidence)
    touched = candidate_pairs(
        found.box[sure],
        found.image[sure],
        truths.box,
        truths.image,
        np.zeros(len(truths.label), bool),
        _ANY,
    ).detection
    alone = np.delete(sure, np.unique(touched))
    corners = found.box[alone].copy()
    corners[:, 2:] += corners[:, :2]
    groups = found.image[alone] * len(class_names) + found.label[alone]
    boxes, scores, owners = _tensors(corners, found.score[alone], groups)
    kept = batched_nms(boxes, scores, owners, 0.5).numpy()
    return [_detection(records, class_names, int(place)) for place in alone[kept]]


def wrong_classes(
    records: FlatRecords,
    errors: DetectionErrors,
    class_names: Sequence[str],
    *,
    confidence: float = 0.5,
) -> list[dict[str, Any]]:
    """Return objects that a detection finds under another class, highest confidence first."""
    found = records.detections
    chosen = np.flatnonzero((errors.kind == CLS) & errors.mends & (found.score >= confidence))
    chosen = chosen[np.argsort(-found.score[chosen], kind="stable")]
    return [
        _detection(records, class_names, int(place))
        | {
            "labelled": class_names[records.truths.label[errors.truth[place]]],
            "labelled_box": records.truths.box[errors.truth[place]].tolist(),
        }
        for place in chosen
    ]


def _tensors(*arrays: np.ndarray) -> list[Any]:
    import torch

    return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]


def _object(records: FlatRecords, class_names: Sequence[str], place: int) -> dict[str, Any]:
    truths = records.truths
    return {
        "image": records.image_ids[truths.image[place]],
        "class": class_names[truths.label[place]],
        "box": truths.box[place].tolist(),
    }


def _detection(records: FlatRecords, class_names: Sequence[str], place: int) -> dict[str, Any]:
    found = records.detections
    return {
        "image": records.image_ids[found.image[place]],
        "class": class_names[found.label[place]],
        "confidence": float(found.score[place]),
        "box": found.box[place].tolist(),
    }
