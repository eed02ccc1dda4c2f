"""torchmetrics: `MeanAveragePrecision` with its defaults.

COCO's evaluation with three differences. Boxes and scores are in single precision. The sizes of
objects are the areas of their boxes, not of their masks, unless areas are passed. IoU thresholds
and recall levels are in single precision, so that a recall of 1/10 does not reach the level 0.1.

Source: https://lightning.ai/docs/torchmetrics/stable/detection/mean_average_precision.html, and its
figures.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import SINGLE_RECALLS
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.evaluation import evaluate
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.twelve import NAMES, twelve
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import (
    Weighted,
    weighted_twelve,
)
from nntasks.plugins.yolo_detect.evaluation.greedy import torch_is_worth_it
from nntasks.plugins.yolo_detect.evaluation.overlap import in_single_precision
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords
from nntasks.plugins.yolo_detect.evaluation.resampling import ResampledNumbers

RULES = Rules(arithmetic="single boxes", average="single")
_THEIRS = (
    *("map", "map_50", "map_75", "map_small", "map_medium", "map_large"),
    *("mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large"),
)


def torchmetrics(problem: Problem) -> dict[str, float]:
    """Return the twelve numbers by torchmetrics' names, in 0..1; NaN where it says -1."""
    native = EVALUATOR.active() == "native"
    if not native and not torch_is_worth_it(len(problem.records.detections.score)):
        return twelve(problem, RULES, _THEIRS)
    numbers = evaluate(
        _in_single_precision(problem.records),
        len(problem.class_names),
        thresholds=RULES.thresholds(),
        recalls=SINGLE_RECALLS,
    ).summary()
    return {theirs: numbers[ours] for theirs, ours in zip(_THEIRS, NAMES, strict=True)}


def weighted_torchmetrics(problem: Problem) -> Weighted:
    """Return what computes the same numbers for many weightings of the images."""
    twelve_of = weighted_twelve(_in_single_precision(problem.records), problem.class_names, RULES)
    theirs = dict(zip(NAMES, _THEIRS, strict=True))

    def numbers(weights: np.ndarray) -> ResampledNumbers:
        found = twelve_of(weights)
        return ResampledNumbers(
            *(
                {theirs[name]: values for name, values in part.items()}
                for part in (found.numbers, found.per_class)
            )
        )

    return numbers


def _in_single_precision(records: FlatRecords) -> FlatRecords:
    found, true = records.detections, records.truths
    true_box = in_single_precision(true.box)
    return replace(
        records,
        detections=replace(
            found,
            box=in_single_precision(found.box),
            score=found.score.astype(np.float32).astype(np.float64),
        ),
        truths=replace(true, box=true_box, area=true_box[:, 2] * true_box[:, 3]),
    )
