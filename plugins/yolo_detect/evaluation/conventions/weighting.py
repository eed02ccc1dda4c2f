"""The numbers of each program for many weightings of the images, without matching anything anew.

A detection keeps its match and its score, whatever an image weighs; see `resampling`. Where scores
are equal, the ranking of the whole data set stays: a program that orders them anew in each resample
orders them in no particular way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nntasks.machine.threads import thread_count
from nntasks.plugins.yolo_detect.evaluation.coco import share
from nntasks.plugins.yolo_detect.evaluation.confidence_curves.curves import (
    CONFIDENCES,
    best_confidence,
    f1_of,
)
from nntasks.plugins.yolo_detect.evaluation.confidence_curves.engine import CURVES
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.matches import match_table
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords
from nntasks.plugins.yolo_detect.evaluation.resampling import (
    ResampledNumbers,
    by_weighting,
    class_mean,
    coco_numbers_of,
    counts_by_image,
    joined,
    weightings_at_once,
)
from nntasks.plugins.yolo_detect.evaluation.weighted_rankings import (
    rankings_of_program,
    weighted_average,
)

Weighted = Callable[[np.ndarray], ResampledNumbers]


def weighted_twelve(records: FlatRecords, class_names: tuple[str, ...], rules: Rules) -> Weighted:
    """Return what computes COCO's twelve numbers of weights (B, I) uint8.

    Args:
        records: the boxes as the program holds them.
        class_names: by label.
        rules: those of pycocotools or torchmetrics.
    """
    table = match_table(records, class_names, thresholds=rules.thresholds())
    return lambda weights: coco_numbers_of(table, weights, average=rules.average)


def weighted_program(problem: Problem, rules: Rules, *, best_f1: bool = False) -> Weighted:
    """Return what computes map50 and map50_95 of weights (B, I) uint8.

    Args:
        problem: what is scored.
        rules: the program's.
        best_f1: precision, recall and F1 at the best mean F1 as well, as Ultralytics has them.
    """
    return weighted_ranking(rank(problem, rules), rules.average, best_f1=best_f1)


def weighted_ranking(ranking: Ranking, average: str, *, best_f1: bool = False) -> Weighted:
    """Return the same for a ranking; `average` is a key of `AVERAGES`."""
    columns = len(ranking.right) * len(ranking.truths)
    return lambda weights: joined(
        _numbers(ranking, block, average, best_f1) for block in weightings_at_once(weights, columns)
    )


def _numbers(
    ranking: Ranking, weights: np.ndarray, average: str, best_f1: bool
) -> ResampledNumbers:
    classes, images = len(ranking.truths), weights.shape[1]
    drawn = by_weighting(weights)
    objects, detections = (
        (counts_by_image(label, image, classes, images) @ drawn).astype(np.int64)
        for label, image in (
            (ranking.truth_label, ranking.truth_image),
            (ranking.label, ranking.image),
        )
    )
    rankings, owner = rankings_of_program(ranking, weights.max(axis=0, initial=0))
    found, _ = weighted_average(rankings, objects[None], weights, average, detections)
    per_class = {"map50": found[0, 0], "map50_95": found[0].mean(axis=0)}
    if best_f1:
        starts, image, copy = map(np.asarray, (rankings.starts, rankings.image, rankings.copy))
        columns = (starts, image, copy.astype(np.uint8))
        per_class |= _at_best_f1(ranking, columns, owner, objects, weights)
    numbers = {name: class_mean(values) for name, values in per_class.items()}
    return ResampledNumbers(numbers, per_class)


def _at_best_f1(
    ranking: Ranking,
    columns: tuple[np.ndarray, ...],
    owner: np.ndarray,
    objects: np.ndarray,
    weights: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return precision, recall and F1 of each class, (C, B) each; NaN without objects."""
    scores = ranking.score[owner].astype(np.float32).astype(np.float64)
    written = (*columns, scores, ranking.right[0, owner])
    engine, threads = CURVES.chosen(), thread_count()
    sums = engine.f1_sums(written, objects, weights, CONFIDENCES, threads=threads)
    mean = share(sums, np.maximum((objects > 0).sum(axis=0), 1))
    chosen = np.array([best_confidence(curve) for curve in mean.T], np.int64)
    precision, recall = engine.points(
        written, objects, weights, CONFIDENCES, chosen, threads=threads
    )
    present = np.where(objects > 0, 1.0, np.nan)
    found = {"precision": precision, "recall": recall, "f1": f1_of(precision, recall)}
    return {name: values * present for name, values in found.items()}
