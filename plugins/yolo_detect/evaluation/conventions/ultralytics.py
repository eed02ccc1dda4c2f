"""Ultralytics (YOLOv8 and later), and YOLOv5: mAP, and precision, recall and F1 at the best F1.

The best 300 detections of an image count, of all classes together. Crowd regions are no objects.
Corners and IoUs are in single precision. Precision is read at 101 recalls by straight lines.

Ultralytics 8.4 gives a detection the best object that is still free, as COCO does, and lets
precision fall to 0 right after the highest recall. YOLOv5 calls a detection wrong if its best
object is taken, and lets precision fall linearly to (1, 0). Equal scores are ranked by NumPy's
default sort, which is not stable and differs between processors with AVX2 and with AVX-512.

Their programs are under AGPL-3.0 and were not read: the rules are from their published descriptions
and fitted to figures of Ultralytics 8.4.190, which they give to the last digit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.confidence_curves.curves import (
    best_confidence,
    curves,
    f1_of,
)
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import (
    Weighted,
    weighted_program,
)

RULES = Rules(
    most=300,
    per_class=False,
    crowds="left out",
    arithmetic="single",
    order="numpy",
    average="ultralytics",
)
YOLOV5_RULES = replace(RULES, matching="best only", average="yolov5")


def ultralytics(problem: Problem) -> dict[str, float]:
    """Return map50, map50_95, precision, recall and f1 of Ultralytics, in 0..1."""
    return _numbers(problem, RULES)


def yolov5(problem: Problem) -> dict[str, float]:
    """Return the same numbers by the rules of YOLOv5."""
    return _numbers(problem, YOLOV5_RULES)


def weighted_ultralytics(problem: Problem) -> Weighted:
    """Return what computes the numbers of Ultralytics for many weightings of the images."""
    return weighted_program(problem, RULES, best_f1=True)


def weighted_yolov5(problem: Problem) -> Weighted:
    """Return what computes the numbers of YOLOv5 for many weightings of the images."""
    return weighted_program(problem, YOLOV5_RULES, best_f1=True)


def _numbers(problem: Problem, rules: Rules) -> dict[str, float]:
    ranking = rank(problem, rules)
    precision = ranking.average_precision(rules.average)
    numbers = {"map50": mean(precision[0]), "map50_95": mean(precision)}
    return numbers | best_point(ranking)


def best_point(ranking: Ranking) -> dict[str, float]:
    """Return precision, recall and F1 at IoU 0.5, means over the classes with objects.

    All three are taken at the confidence, one for all classes, at which the smoothed mean F1 is
    highest.
    """
    found = [
        curves(ranking.score[mine], ranking.right[0, mine], truths)
        for _, truths, mine in ranking.segments()
        if truths
    ]
    if not found:
        return dict.fromkeys(("precision", "recall", "f1"), float("nan"))
    precision, recall = (np.array(part) for part in zip(*found, strict=True))
    f1 = f1_of(precision, recall)
    best = best_confidence(f1.mean(axis=0))
    columns = {"precision": precision, "recall": recall, "f1": f1}
    return {name: float(curve[:, best].mean()) for name, curve in columns.items()}
