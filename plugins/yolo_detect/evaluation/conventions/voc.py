"""PASCAL VOC: AP at IoU 0.5 by the rules of the development kit, and of a later program.

The development kit counts the pixels of both edges to a box: its width is x2 - x1 + 1. Objects
marked as difficult are no objects, and detections of them are neither right nor wrong. A detection
whose best object is taken is wrong, even if it overlaps another, where COCO gives it that one. All
detections count, and there are no crowd regions. Precision is averaged over 11 recalls (VOC 2007)
or over all recalls (VOC 2010 and later).

`voc_all_points` has the last two rules only: edges have no extent, and difficult objects are like
any other. So compute Object-Detection-Metrics and programs after it.

Source: Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 2010, and the
development kits of 2007 and 2010.
"""

from __future__ import annotations

from dataclasses import replace

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import (
    Weighted,
    weighted_program,
)

VOC_2010_RULES = Rules(
    most=None,
    crowds="left out",
    difficult="ignored",
    pixel=1,
    matching="best only",
    average="voc10",
)
VOC_2007_RULES = replace(VOC_2010_RULES, average="voc07")
ALL_POINTS_RULES = replace(VOC_2010_RULES, difficult="counted", pixel=0)


def voc_2007(problem: Problem) -> dict[str, float]:
    """Return map50 of the development kit of 2007, in 0..1."""
    return _map50(problem, VOC_2007_RULES)


def voc_2010(problem: Problem) -> dict[str, float]:
    """Return map50 of the development kits from 2010 on, in 0..1."""
    return _map50(problem, VOC_2010_RULES)


def voc_all_points(problem: Problem) -> dict[str, float]:
    """Return map50 over all points without the rules for edges and difficult objects, in 0..1."""
    return _map50(problem, ALL_POINTS_RULES)


def weighted_voc_2007(problem: Problem) -> Weighted:
    """Return what computes the number of `voc_2007` for many weightings of the images."""
    return weighted_program(problem, VOC_2007_RULES)


def weighted_voc_2010(problem: Problem) -> Weighted:
    """Return what computes the number of `voc_2010` for many weightings of the images."""
    return weighted_program(problem, VOC_2010_RULES)


def weighted_voc_all_points(problem: Problem) -> Weighted:
    """Return what computes the number of `voc_all_points` for many weightings of the images."""
    return weighted_program(problem, ALL_POINTS_RULES)


def _map50(problem: Problem, rules: Rules) -> dict[str, float]:
    return {"map50": mean(rank(problem, rules).average_precision(rules.average)[0])}
