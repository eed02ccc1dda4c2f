"""The confusion matrix, computed from the table of matches."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.overlap import candidate_pairs


def confusion_matrix(table: MatchTable, iou: float, confidence: float) -> np.ndarray:
    """Count true classes against found classes.

    The diagonal holds the matches of the table. The remaining detections and objects are then
    matched regardless of class by the same rule: by descending score, highest IoU first. Crowd
    regions and detections matched to them are left out.

    Args:
        table: the matches.
        iou: an IoU threshold of the table.
        confidence: the lowest score of counted detections.

    Returns:
        (C + 1, C + 1) int64. Rows are true classes; the last row is background. Columns are
        predicted classes; the last column is missed objects. Each other row sums to the objects of
        its class, each other column to the detections of its class. The last cell is 0.
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
    left_over = np.delete(true, other[taken])
    true_class = np.concatenate(
        [
            table.detections.label[right],
            table.truths.label[true[other[taken]]],
            np.full(int((~taken).sum()), classes),
            table.truths.label[left_over],
        ]
    )
    found_class = np.concatenate(
        [
            table.detections.label[right],
            table.detections.label[found[taken]],
            table.detections.label[found[~taken]],
            np.full(len(left_over), classes),
        ]
    )
    cells = np.bincount(true_class * (classes + 1) + found_class, minlength=(classes + 1) ** 2)
    return cells.reshape(classes + 1, classes + 1)


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
