"""pycocotools: the COCO detection evaluation, its twelve numbers.

A box that lies in a crowd region, and none beyond the best 100 of its image and class, counts
neither as right nor as wrong. One thing differs: pycocotools uses the id of an annotation as a flag
and so never matches the id 0. Here it is matched like any other; `notes` says what it costs there.

Source: https://cocodataset.org/#detection-eval.
"""

from __future__ import annotations

from nntasks.plugins.yolo_detect.evaluation.coco import coco_numbers
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.matches import match_table

RULES = Rules()
NAMES = (
    *("map50_95", "map50", "map75", "map_small", "map_medium", "map_large"),
    *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
)


def pycocotools(problem: Problem) -> dict[str, float]:
    """Return the twelve numbers of COCO, in 0..1; NaN without objects."""
    return coco_numbers(match_table(problem.records, problem.class_names)).summary()
