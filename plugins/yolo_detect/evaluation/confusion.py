"""The confusion matrix, computed from the table of matches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.overlap import candidate_pairs


def confusion_matrix(table: MatchTable, iou: float, confidence: float) -> np.ndarray:
    """Count the pairs of `confusion_pairs`; arguments as there.

    Returns:
        (C + 1, C + 1) int64. Rows are true classes; the last row is background. Columns are
        predicted classes; the last column is missed objects. Each other row sums to the objects of
        its class, each other column to the detections of its class. The last cell is 0.
    """
    size = len(table.class_names) + 1
    pairs = confusion_pairs(table, iou, confidence)
    return np.bincount(pairs.true * size + pairs.found, minlength=size**2).reshape(size, size)


@dataclass(frozen=True)
class ConfusionPairs:
    """Objects and detections that belong together; class C is background, or a missed object.

    Attributes:
        true, found: (P,) int64, the true and the found class.
        image: (P,) int64, index of the image.
    """

    true: np.ndarray
    found: np.ndarray
    image: np.ndarray


def confusion_pairs(table: MatchTable, iou: float, confidence: float) -> ConfusionPairs:
    """Pair objects with detections.

    The matches of the table come first. The remaining detections and objects are then
    matched regardless of class by the same rule: by descending score, highest IoU first. Crowd
    regions and detections matched to them are left out.

    Args:
        table: the matches.
        iou: an IoU threshold of the table.
        confidence: the lowest score of counted detections.
    """
    classes = len(table.class_names)
    threshold = table.threshold_index(iou)
    matched = table.matched(threshold)
    counts = (table.detections.score >= confidence) & ~table.ignored(threshold)
    right = counts & (matched >= 0)

    missed = ~table.truths.ignored[:, 0]
    missed[matched[right]] = False
    found, true = np.flatnonzero(counts & ~right), np.flatnonzero(missed)
    found = found[np.lexsort((-table.detections.score[found], table.detections.image[found]))]
    other = _match_any_class(table, found, true, float(table.thresholds[threshold]))

    taken = other >= 0
    swapped, alarms = found[taken], found[~taken]
    left_over = np.delete(true, other[taken])
    label, truth = table.detections.label, table.truths
    parts = (
        (label[right], label[right], table.detections.image[right]),
        (truth.label[true[other[taken]]], label[swapped], table.detections.image[swapped]),
        (np.full(len(alarms), classes), label[alarms], table.detections.image[alarms]),
        (truth.label[left_over], np.full(len(left_over), classes), truth.image[left_over]),
    )
    return ConfusionPairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _match_any_class(
    table: MatchTable, found: np.ndarray, true: np.ndarray, iou: float
) -> np.ndarray:
    """(len(found),) index into `true`, or -1."""
    from nntasks.ops import match_greedily  # torch, which naming the metrics can do without

    plain = np.zeros(len(true), dtype=bool)
    pairs = candidate_pairs(
        table.detections.box[found],
        table.detections.image[found],
        table.truths.box[true],
        table.truths.image[true],
        plain,
        min(iou, 1 - 1e-10),
    )
    starts = np.flatnonzero(np.diff(pairs.detection, prepend=-1))
    rows = pairs.detection[starts]
    matched = match_greedily(
        np.append(starts, len(pairs.detection)),
        pairs.truth,
        pairs.iou,
        table.detections.image[found[rows]],
        plain,
        plain[:, None],
        np.array([iou]),
    )
    result = np.full(len(found), -1)
    result[rows] = matched[:, 0, 0].numpy()
    return result
