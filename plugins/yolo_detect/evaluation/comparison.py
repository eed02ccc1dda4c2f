"""mAP of the same detections by each convention in use, every one a whole program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import CocoNumbers, mean
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.conventions.weighting import (
    Weighted,
    weighted_ranking,
)
from nntasks.plugins.yolo_detect.evaluation.resampling import ResampledNumbers


@dataclass(frozen=True)
class Convention:
    """A convention that every evaluation computes.

    Attributes:
        name: in tables.
        key: the end of its numbers' names.
        program: key of `PROGRAMS`.
        why_it_differs: from COCO's number.
    """

    name: str
    key: str
    program: str
    why_it_differs: str

    @property
    def definition(self) -> str:
        """What its program does, in a sentence."""
        return PROGRAMS[self.program].definition


CONVENTIONS = (
    Convention(
        "COCO (pycocotools)",
        "coco",
        "pycocotools",
        "the reference: it samples the envelope at 101 recalls, so with fewer than a hundred "
        "objects every step is sampled at least once",
    ),
    Convention(
        "VOC 2007",
        "voc07",
        "voc_2007",
        "it samples the envelope at only 11 recalls: recall 0 has a weight of 1/11; a detection "
        "whose best object is taken is wrong; boxes are a pixel wider and higher",
    ),
    Convention(
        "VOC 2010",
        "voc10",
        "voc_2010",
        "it is the exact area under the envelope, which 101 points approximate with an "
        "additional point at recall 0; matching and boxes as in VOC 2007",
    ),
    Convention(
        "YOLOv5",
        "yolov5",
        "yolov5",
        "lines replace steps; beyond the highest recall precision falls linearly to (1, 0), where "
        "the others are 0; a detection whose best object is taken is wrong; 300 detections of an "
        "image count",
    ),
    Convention(
        "Ultralytics",
        "ultralytics",
        "ultralytics",
        "lines replace steps; where precision drops at constant recall it uses the lower end, COCO "
        "the upper one; recalls 0 and 1 have half weight; 300 detections of an image count",
    ),
)

_PROGRAM_OF = {one.key: one.program for one in CONVENTIONS if one.key != "coco"}


@dataclass(frozen=True)
class ConventionRow:
    """One row of the comparison; NaN if no class has a true object."""

    name: str
    map50: float
    map50_95: float
    definition: str
    why_it_differs: str


def compare_conventions(problem: Problem, coco: CocoNumbers) -> list[ConventionRow]:
    """Return mAP at IoU 0.5 and at 0.50:0.05:0.95 under every convention, COCO first."""
    rankings = dict(_rankings(problem))
    rows = []
    for convention in CONVENTIONS:
        if convention.key == "coco":
            precision = coco.precision[0]
        else:
            average = PROGRAMS[convention.program].rules.average
            precision = rankings[convention.key].average_precision(average)
        rows.append(
            ConventionRow(
                convention.name,
                mean(precision[0]),
                mean(precision),
                convention.definition,
                convention.why_it_differs,
            )
        )
    return rows


def weighted_conventions(problem: Problem) -> Weighted:
    """Return what computes them, but for COCO's, for many weightings of the images.

    The numbers are named as in `DetectionMetric.compute`.
    """
    known = {
        key: weighted_ranking(ranking, PROGRAMS[_PROGRAM_OF[key]].rules.average)
        for key, ranking in _rankings(problem)
    }

    def numbers(weights: np.ndarray) -> ResampledNumbers:
        found: dict[str, np.ndarray] = {}
        for key, compute in known.items():
            own = compute(weights).numbers
            found |= {f"map50_{key}": own["map50"], f"map50_95_{key}": own["map50_95"]}
        return ResampledNumbers(found, {})

    return numbers


def _rankings(problem: Problem) -> Iterator[tuple[str, Ranking]]:
    """Yield the ranking of each convention but COCO's; those that match alike share one."""
    ranked: dict[Rules, Ranking] = {}
    for key, program in _PROGRAM_OF.items():
        rules = PROGRAMS[program].rules
        plain = replace(rules, average="coco")
        if plain not in ranked:
            ranked[plain] = rank(problem, rules)
        yield key, ranked[plain]
