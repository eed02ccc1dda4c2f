"""Cross-checks: pairs of values that must agree because they count the same thing."""

from __future__ import annotations

import numpy as np

from nntasks.interfaces import CrossCheck
from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.confusion import confusion_matrix
from nntasks.plugins.yolo_detect.evaluation.curves import confidence_counts
from nntasks.plugins.yolo_detect.evaluation.images import ImageRow, image_rows
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable


def cross_checks(
    table: MatchTable, iou: float, confidence: float, map50: float, coco_most: int = 100
) -> list[CrossCheck]:
    """Return pairs of values that must be equal to the last bit (NaN to NaN).

    Args:
        table: the matches.
        iou, confidence: thresholds of precision and recall.
        map50: the reported COCO mAP at IoU 0.5.
        coco_most: largest number of detections per image and class in it.
    """
    counts = confidence_counts(table, iou, np.array([confidence]))
    right, detections = counts.right[:, 0], counts.detections[:, 0]
    matrix = confusion_matrix(table, iou, confidence)
    classes = len(table.class_names)
    inner = matrix[:classes, :classes]
    rows = image_rows(table, iou, confidence)
    return [
        _check("true positives: confusion matrix, precision", np.trace(inner), right.sum()),
        _check(
            "classes whose true positives agree: confusion matrix, precision",
            (np.diag(inner) == right).sum(),
            classes,
        ),
        _check(
            "classes whose objects agree: rows of the confusion matrix, recall",
            (matrix[:classes].sum(axis=1) == counts.truths).sum(),
            classes,
        ),
        _check(
            "classes whose detections agree: columns of the confusion matrix, precision",
            (matrix[:, :classes].sum(axis=0) == detections).sum(),
            classes,
        ),
        _check(
            "missed objects: confusion matrix off the diagonal, images",
            matrix[:classes].sum() - np.trace(inner),
            _total(rows, "false_negatives"),
        ),
        _check(
            "false positives: confusion matrix off the diagonal, images",
            matrix[:, :classes].sum() - np.trace(inner),
            _total(rows, "false_positives"),
        ),
        _check("true positives: images, precision", _total(rows, "true_positives"), right.sum()),
        _check(
            "map50: as reported, detection by detection", map50, _map50_again(table.best(coco_most))
        ),
    ]


def _check(what: str, left: float, right: float) -> CrossCheck:
    return CrossCheck(what, float(left), float(right))


def _total(rows: list[ImageRow], column: str) -> int:
    return sum(int(getattr(row, column)) for row in rows)


def _map50_again(table: MatchTable) -> float:
    """mAP at 0.5 by a walk down the ranking, without `RankedHits`."""
    threshold = table.threshold_index(0.5)
    matched, counted = table.matched(threshold), ~table.ignored(threshold)
    precisions = np.full(len(table.class_names), np.nan)
    for label, truths in enumerate(table.counted_truths()):
        if truths:
            ranking = (table.detections.label == label) & counted
            precisions[label] = _walk(matched[ranking] >= 0, int(truths))
    return mean(precisions)


def _walk(right: np.ndarray, truths: int) -> float:
    """(n,) bool by descending score -> average precision at 101 recalls."""
    found = np.cumsum(right)
    precision = found / np.arange(1, len(right) + 1)
    recall = found / truths
    read = np.zeros(101)
    for index, level in enumerate(np.linspace(0, 1, 101)):
        reached = precision[recall >= level]
        read[index] = reached.max() if len(reached) else 0.0
    return float(read.sum() / 101)
