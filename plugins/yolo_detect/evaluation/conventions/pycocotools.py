"""pycocotools: the COCO detection evaluation, its twelve numbers.

A box that lies in a crowd region, and none beyond the best 100 of its image and class, counts
neither as right nor as wrong. One thing differs: pycocotools uses the id of an annotation as a flag
and so never matches the id 0. Here it is matched like any other.

Source: https://cocodataset.org/#detection-eval.
"""

from __future__ import annotations

from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.engine import EVALUATOR
from nntasks.plugins.yolo_detect.evaluation.coco_evaluator.evaluation import evaluate
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.twelve import twelve
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import (
    Weighted,
    weighted_twelve,
)
from nntasks.plugins.yolo_detect.evaluation.greedy import torch_is_worth_it

RULES = Rules()


def pycocotools(problem: Problem) -> dict[str, float]:
    """Return the twelve numbers of COCO, in 0..1; NaN without objects."""
    if EVALUATOR.active() == "native" or torch_is_worth_it(len(problem.records.detections.score)):
        return evaluate(problem.records, len(problem.class_names)).summary()
    return twelve(problem, RULES)


def weighted_pycocotools(problem: Problem) -> Weighted:
    """Return what computes the same numbers for many weightings of the images."""
    return weighted_twelve(problem.records, problem.class_names, RULES)
