"""The detection part of a report: tables, curves, and pictures with correct and wrong boxes."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nntasks.interfaces import Outcome
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.yardsticks import Threshold, Yardsticks
from nntasks.plugins.yolo_detect.evaluation import figures as drawings
from nntasks.plugins.yolo_detect.evaluation.curves import ConfidenceCounts
from nntasks.plugins.yolo_detect.evaluation.interactive import confusion, sweep
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.inference.drawing import Colour, Mark, draw, montage
from nntasks.plugins.yolo_detect.samples import Sample
from nntasks.report import colours, style
from nntasks.report.alt_text import confusion_words

_SHOWN = 6
_COLUMNS = 2
_WITH_NMS = 4  # images whose boxes before NMS are shown
_SIDE = 520  # longer side of each picture, in pixels
_COLOURS = (
    "Class and score. Green: a true positive. Orange: a false positive. Blue, dashed: a missed "
    "object. Grey, dashed: a crowd region, which does not count."
)


def _colour(name: str) -> Colour:
    red, green, blue = (round(255 * value) for value in colours.rgb(name))
    return red, green, blue


RIGHT, WRONG, MISSED = (_colour(name) for name in (style.RIGHT, style.WRONG, style.MISSED))
CROWD = _colour(style.NOT_COUNTED)


def tables(metric: DetectionMetric) -> list[Table]:
    """Return mAP under each convention, and the metrics of each class."""
    return [_conventions(metric), _classes(metric)]


def figures(metric: DetectionMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield pictures with boxes first, then curves."""
    yield from _pictures(metric, outcome)
    yield from _suppressions(metric, outcome)
    yield from _curves(metric)


def _pictures(metric: DetectionMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield the first and the worst images with their boxes, if the split has images."""
    iou, confidence = metric.iou_threshold, metric.confidence
    samples = {sample.image_id: sample for sample in getattr(outcome.split, "samples", ())}
    rows = [row for row in metric.image_rows() if row["image_id"] in samples]
    if not rows:
        return
    first = [samples[row["image_id"]] for row in rows[:_SHOWN]]
    caption = f"{_COLOURS} {_threshold_note(metric)}"
    yield Figure(
        "predictions",
        f"The first test images, boxes with a score of at least {confidence:g}",
        caption,
        lambda: _montage(metric.table(), first, iou, confidence),
        _told("The first test images", rows[:_SHOWN]),
    )
    ranked = sorted(rows, key=lambda row: row["f1"] if row["f1"] == row["f1"] else math.inf)
    worst = [samples[row["image_id"]] for row in ranked[:_SHOWN]]
    yield Figure(
        "worst_images",
        "The test images with the lowest F1",
        _COLOURS,
        lambda: _montage(metric.table(), worst, iou, confidence),
        _told("The test images with the lowest F1", ranked[:_SHOWN]),
    )


def _suppressions(metric: DetectionMetric, outcome: Outcome) -> Iterator[Figure]:
    """Yield the figure of NMS for the first images, if a detector of ours made the boxes."""
    from nntasks.plugins.yolo_detect import suppression_view
    from nntasks.plugins.yolo_detect.by_hand.output_tensor import OutputTensor, read_output
    from nntasks.plugins.yolo_detect.model import YoloModel

    model, samples = outcome.model, getattr(outcome.split, "samples", ())[:_WITH_NMS]

    if not isinstance(model, YoloModel) or not len(samples):
        return

    @functools.cache
    def outputs() -> list[tuple[Any, OutputTensor]]:
        return [(sample.image_id, read_output(model, sample.read())) for sample in samples]

    yield suppression_view.figure(outputs, metric.confidence, model.config.iou)


def _told(which: str, rows: Sequence[dict[str, Any]]) -> str:
    each = "; ".join(
        f"{row['image_id']}: {row['true_positives']} of {row['objects']} objects found, "
        f"{row['false_positives']} false alarms"
        for row in rows
    )
    return f"{which} with their boxes. {each}."


def _threshold_note(metric: DetectionMetric) -> str:
    """Return the errors at the threshold in use and at the one with the highest F1."""
    counts, (best, where) = metric.curves(), metric.curves().best_f1()
    if math.isnan(best):
        return ""
    use, peak = (_errors_at(counts, value) for value in (metric.confidence, where))
    return (
        f"Over all test images, {metric.confidence:g} gives {use}; {where:g}, where the mean F1 is "
        f"highest ({best:.3f}), gives {peak}. A low threshold suits mAP, which ranks all boxes; "
        "choose the one for use on validation images: confidence=VALUE."
    )


def _errors_at(counts: ConfidenceCounts, confidence: float) -> str:
    place = int(np.searchsorted(counts.confidences, confidence))
    right, detections = counts.right.sum(0)[place], counts.detections.sum(0)[place]
    return f"{detections - right} false positives and {counts.truths.sum() - right} misses"


def yardsticks(metric: DetectionMetric) -> Yardsticks:
    """Return what detection can be judged by; chance finds nothing, so there is no value of it."""
    counts = metric.curves()
    place = int(np.searchsorted(counts.confidences, metric.confidence))
    best, where = counts.best_f1()
    used = float(counts.macro()["f1"][min(place, len(counts.confidences) - 1)])
    threshold = Threshold("confidence", "mean F1", metric.confidence, where, used, best)
    names = zip(metric.class_names, counts.right[:, place], counts.truths, strict=True)
    return Yardsticks(
        classes={name: (int(right), int(all_)) for name, right, all_ in names},
        threshold=None if math.isnan(best) else threshold,
    )


def _curves(metric: DetectionMetric) -> Iterator[Figure]:
    """Yield curves, the confusion matrix, and average precision by class and size."""
    iou, confidence, names = metric.iou_threshold, metric.confidence, metric.class_names
    yield Figure(
        "precision_recall",
        "Precision against recall",
        "The area under a curve is the average precision of its class, in brackets. With more than "
        "ten classes, only the ten lowest are named.",
        lambda: drawings.precision_recall_figure(
            metric.hits(), names, metric.table().threshold_index(iou), iou
        ),
        interactive=lambda: sweep(metric.curves(), names, confidence),
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
        "Each row shows how the true objects of one class were detected. The last column counts "
        "missed objects, the last row detections where there is no object.",
        lambda: drawings.confusion_figure(metric.confusion_matrix(), names, iou, confidence),
        confusion_words(metric.confusion_matrix(), [*names, "background"]),
        lambda: confusion(metric.table(), iou, confidence),
    )
    yield Figure(
        "classes",
        "Average precision by class",
        "Classes without objects are left out.",
        lambda: drawings.class_figure(metric.coco(), names),
    )
    yield Figure(
        "sizes",
        "Precision and recall by object size",
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
            sharp=True,
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
            f"{table.class_names[labels[index]]}: {scores[index]:.2f}",
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
            missed.append(Mark(corners, f"{name} (crowd)", CROWD, True))
        elif index not in taken:
            missed.append(Mark(corners, name, MISSED, True))
    return found + missed


def _corners(box: np.ndarray) -> tuple[float, float, float, float]:
    x, y, width, height = box.tolist()
    return x, y, x + width, y + height
