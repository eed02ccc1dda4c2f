"""Properties of a truth and detections on which programs are known to disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.pycocotools import RULES
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.report.formatting import how_many

_SAME_AREA = 0.005  # share by which the area of a mask is at least smaller than that of the box


def traps(case: Problem) -> Iterator[str]:
    """Yield a sentence for each property that is there."""
    records = case.records
    if case.without_id.any():
        lost = rank(case, replace(RULES, id_zero="lost")).average_precision(RULES.average)[0]
        yield (
            "an annotation has the id 0, which pycocotools and programs derived from it never "
            f"match: their mAP@0.5 is {mean(lost):.4f}; here it is matched like any other"
        )
    if records.truths.crowd.any():
        yield (
            f"{how_many(int(records.truths.crowd.sum()), 'crowd region')}: detections inside are "
            "ignored by pycocotools and torchmetrics, and wrong by Ultralytics and VOC"
        )
    if case.difficult.any():
        yield (
            f"{how_many(int(case.difficult.sum()), 'difficult object')}: ignored by VOC's "
            "development kit, counted by all others"
        )
    other = _areas_of_masks(case)
    if other:
        yield (
            f"{how_many(other, 'object')} with an area that is not that of the box: pycocotools "
            "sorts objects into small, medium and large by the stated areas, torchmetrics by those "
            "of the boxes"
        )
    yield from _repeats(case)
    yield from _limits(case)
    yield from _equal_scores(case)


def _areas_of_masks(case: Problem) -> int:
    areas = case.records.truths.box[:, 2:].prod(axis=1)
    return int((np.abs(areas - case.records.truths.area) > _SAME_AREA * areas).sum())


def _repeats(case: Problem) -> Iterator[str]:
    records = case.records
    true = _repeated(records.truths.image, records.truths.label, records.truths.box)
    if true:
        what = _repeating(true, "object")
        yield f"{what} another one of the same image and class; each is to be found"
    found = _repeated(records.detections.image, records.detections.label, records.detections.box)
    if found:
        yield f"{_repeating(found, 'detection')} another one; of equal boxes one at most is right"


def _repeating(count: int, thing: str) -> str:
    return f"{how_many(count, thing)} {'repeats' if count == 1 else 'repeat'}"


def _repeated(image: np.ndarray, label: np.ndarray, box: np.ndarray) -> int:
    rows = np.column_stack([image, label, box])
    return len(rows) - len(np.unique(rows, axis=0))


def _limits(case: Problem) -> Iterator[str]:
    records, classes = case.records, len(case.class_names)
    groups = np.bincount(records.detections.image * classes + records.detections.label, minlength=1)
    images = np.bincount(records.detections.image, minlength=1)
    over = int(np.maximum(groups - 100, 0).sum())
    if over:
        yield (
            f"{how_many(over, 'detection')} beyond the best 100 of an image and class, which "
            "pycocotools and torchmetrics leave out"
        )
    over = int(np.maximum(images - 300, 0).sum())
    if over:
        yield (
            f"{how_many(over, 'detection')} beyond the best 300 of an image, which Ultralytics "
            "leaves out"
        )


def _equal_scores(case: Problem) -> Iterator[str]:
    score = case.records.detections.score
    shared = len(score) - len(np.unique(score))
    if shared:
        yield (
            f"{how_many(shared, 'detection')} with the score of another one: programs rank them by "
            "the order of images, Ultralytics in an order that depends on the processor"
        )
