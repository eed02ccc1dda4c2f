"""Curves and confusion matrix of a detector that answer to clicks."""

from __future__ import annotations

from collections.abc import Sequence

from nntasks.interfaces.report_data import Interactive
from nntasks.plugins.yolo_detect.evaluation.confusion import confusion_matrix, confusion_pairs
from nntasks.plugins.yolo_detect.evaluation.curves import ConfidenceCounts
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable
from nntasks.report.interactive.cells import confusion_cells
from nntasks.report.interactive.sweep import threshold_sweep


def sweep(counts: ConfidenceCounts, names: Sequence[str], confidence: float) -> Interactive:
    """Return precision against recall with a slider that starts at a confidence."""
    return threshold_sweep(
        counts.confidences,
        counts.right,
        counts.detections,
        counts.truths,
        names,
        key="confidence",
        used=confidence,
    )


def confusion(table: MatchTable, iou: float, confidence: float) -> Interactive | None:
    """Return the confusion matrix whose cells list their images, without absent classes."""
    counts = confusion_matrix(table, iou, confidence)
    there = [i for i in range(len(counts)) if counts[i].any() or counts[:, i].any()]
    place = {label: index for index, label in enumerate(there)}
    pairs = confusion_pairs(table, iou, confidence)
    samples: dict[tuple[int, int], dict[int | str, None]] = {}  # each image once, in order
    for true, found, image in zip(pairs.true, pairs.found, pairs.image, strict=True):
        cell = samples.setdefault((place[int(true)], place[int(found)]), {})
        cell[table.image_ids[image]] = None
    names = [*table.class_names, ""]
    return confusion_cells(
        counts[there][:, there],
        [names[label] or "background" for label in there],
        [names[label] or "missed" for label in there],
        {cell: list(ids) for cell, ids in samples.items()},
        several=True,
    )
