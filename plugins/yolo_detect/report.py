"""The detection part of a report: tables, curves, and pictures with correct and wrong boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.plugins.yolo_detect.evaluation import figures as drawings
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.inference.drawing import Colour, Mark, draw, montage
from nntasks.plugins.yolo_detect.samples import Sample

RIGHT: Colour = (0, 158, 115)
WRONG: Colour = (213, 94, 0)
MISSED: Colour = (86, 180, 233)
CROWD: Colour = (150, 150, 150)
_SHOWN = 8
_COLUMNS = 4
_SIDE = 360  # longer side of each picture, in pixels
_COLOURS = (
    "Green: a true positive with its score. Red: a false positive. Blue, dashed: a missed object. "
    "Grey, dashed: a crowd region, which does not count."
)


def tables(metric: DetectionMetric) -> list[Table]:
    """Return mAP under each convention, and the metrics of each class."""
    return [_conventions(metric), _classes(metric)]


def figures(metric: DetectionMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield pictures with boxes first, then curves."""
    yield from _pictures(metric, outcome)
    yield from _curves(metric)


def _pictures(metric: DetectionMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield the first and the worst images with their boxes, if the split has images."""
    iou, confidence = metric.iou_threshold, metric.confidence
    samples = {sample.image_id: sample for sample in getattr(outcome.split, "samples", ())}
    rows = [row for row in metric.image_rows() if row["image_id"] in samples]
    if not rows:
        return
    first = [samples[row["image_id"]] for row in rows[:_SHOWN]]
    yield Figure(
        "predictions",
        f"The first test images, boxes with a score of at least {confidence:g}",
        _COLOURS,
        lambda: _montage(metric.table(), first, iou, confidence),
    )
    ranked = sorted(rows, key=lambda row: row["f1"] if row["f1"] == row["f1"] else math.inf)
    worst = [samples[row["image_id"]] for row in ranked[:_SHOWN]]
    yield Figure(
        "worst_images",
        "The test images with the lowest F1",
        _COLOURS,
        lambda: _montage(metric.table(), worst, iou, confidence),
    )


def _curves(metric: DetectionMetric) -> Iterator[Figure]:
    """Yield curves, the confusion matrix, and average precision by class and size."""
    iou, confidence, names = metric.iou_threshold, metric.confidence, metric.class_names
    yield Figure(
        "precision_recall",
        "Precision against recall",
        "The area under a curve is the average precision of its class.",
        lambda: drawings.precision_recall_figure(
            metric.hits(), names, metric.table().threshold_index(iou), iou
        ),
    )
    yield Figure(
        "confidence",
        "Precision, recall and F1 against the confidence threshold",
        "The threshold with the highest F1 is a good choice for use.",
        lambda: drawings.confidence_figure(metric.curves(), iou, confidence),
    )
    yield Figure(
        "confusion_matrix",
        "Confusion matrix",
        "Each row shows how the true objects of one class were detected.",
        lambda: drawings.confusion_figure(metric.confusion_matrix(), names, iou, confidence),
    )
    yield Figure(
        "classes",
        "Average precision by class",
        "",
        lambda: drawings.class_figure(metric.coco(), names),
    )
    yield Figure(
        "sizes",
        "Quality by object size",
        "Areas in square pixels of the original images.",
        lambda: drawings.size_figure(metric.coco()),
    )


def _conventions(metric: DetectionMetric) -> Table:
    return Table(
        "conventions",
        "mAP under each convention",
        ("convention", "mAP@0.5", "mAP@0.5:0.95", "why it differs"),
        [(row.name, row.map50, row.map50_95, row.why_it_differs) for row in metric.conventions()],
    )


def _classes(metric: DetectionMetric) -> Table:
    shown = [row for row in metric.per_class() if row["objects"]]
    absent = len(metric.class_names) - len(shown)
    without = f" {absent} classes without objects are left out of every mean." if absent else ""
    keys = ("class", "objects", "map50", "map50_95", "precision", "recall", "f1")
    return Table(
        "classes",
        "Results by class",
        ("class", "objects", "AP@0.5", "AP@0.5:0.95", "precision", "recall", "F1"),
        [tuple(row[key] for key in keys) for row in shown],
        f"Precision, recall and F1 at confidence >= {metric.confidence:g}.{without}",
    )


def _montage(table: MatchTable, samples: Sequence[Sample], iou: float, confidence: float) -> Any:
    place = {image_id: index for index, image_id in enumerate(table.image_ids)}
    pictures = [
        draw(
            sample.read(),
            _marks(table, place[sample.image_id], iou, confidence),
            side=_SIDE,
        )
        for sample in samples
    ]
    return montage(pictures, _COLUMNS)


def _marks(table: MatchTable, image: int, iou: float, confidence: float) -> list[Mark]:
    """Return the true positives, false positives, misses and crowd regions of one image."""
    threshold = table.threshold_index(iou)
    matched, ignored = table.matched(threshold), table.ignored(threshold)
    scores, labels = table.detections.score, table.detections.label
    mine = np.flatnonzero((table.detections.image == image) & (scores >= confidence))
    found = [
        Mark(
            _corners(table.detections.box[index]),
            f"{table.class_names[labels[index]]} {scores[index]:.2f}",
            RIGHT if matched[index] >= 0 else WRONG,
        )
        for index in mine[np.argsort(-scores[mine], kind="stable")]
        if not ignored[index]
    ]
    taken = set(matched[mine].tolist())
    missed = []
    for index in np.flatnonzero(table.truths.image == image):
        name = table.class_names[table.truths.label[index]]
        corners = _corners(table.truths.box[index])
        if table.truths.crowd[index]:
            missed.append(Mark(corners, f"{name} (crowd)", CROWD, dashed=True))
        elif index not in taken:
            missed.append(Mark(corners, name, MISSED, dashed=True))
    return found + missed


def _corners(box: np.ndarray) -> tuple[float, float, float, float]:
    x, y, width, height = box.tolist()
    return x, y, x + width, y + height
