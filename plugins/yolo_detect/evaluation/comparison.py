"""mAP of the same matches under each convention in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import (
    AveragePrecision,
    coco_101,
    voc07_11,
    voc10_area,
    yolov5_101,
)
from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.hits import RankedHits, ranked_hits
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable


@dataclass(frozen=True)
class Convention:
    """A way to turn a ranking into average precision."""

    name: str
    key: str
    average_precision: AveragePrecision
    definition: str
    why_it_differs: str


CONVENTIONS = (
    Convention(
        "COCO, 101 points",
        "coco",
        coco_101,
        "mean, over the recalls 0, 0.01, ..., 1, of the highest precision at that recall or above",
        "the reference: it samples the envelope at 101 recalls, so with fewer than a hundred "
        "objects every step is sampled at least once",
    ),
    Convention(
        "VOC 2007, 11 points",
        "voc07",
        voc07_11,
        "mean, over the recalls 0, 0.1, ..., 1, of the highest precision at that recall or above",
        "it samples the same envelope at only 11 recalls: recall 0 has a weight of 1/11, and "
        "values between two tenths are ignored",
    ),
    Convention(
        "VOC 2010, all points",
        "voc10",
        voc10_area,
        "area under the highest precision at each recall or above, a step at every true positive",
        "it is the exact area under the envelope, which 101 points approximate with an "
        "additional point at recall 0",
    ),
    Convention(
        "YOLOv5, 101 points",
        "yolov5",
        yolov5_101,
        "trapezium area, over 101 recalls, of the highest precision at each recall or above, with "
        "(0, 1) and (1, 0) added at the ends and straight lines from detection to detection",
        "lines replace steps; where precision drops at constant recall it uses the lower end, COCO "
        "the upper one; recalls 0 and 1 have half weight; beyond the highest recall it falls "
        "linearly to (1, 0), where the others are 0",
    ),
)


@dataclass(frozen=True)
class ConventionRow:
    """One row of the comparison; NaN if no class has a true object."""

    name: str
    map50: float
    map50_95: float
    definition: str
    why_it_differs: str


def compare_conventions(
    table: MatchTable, hits: RankedHits | None = None, coco_most: int = 100
) -> list[ConventionRow]:
    """Return mAP at IoU 0.5 and at 0.50:0.05:0.95 under every convention, COCO first.

    All use the same COCO matches. They differ only in the averaging, and in that COCO alone counts
    the best `coco_most` detections per image and class. (The original programs also match
    differently: VOC assigns a detection to the object with the highest IoU, even if that is already
    matched, and YOLOv5 matches pairs by descending IoU.)
    """
    hits = ranked_hits(table) if hits is None else hits
    few = table if table.max_detections <= coco_most else table.best(coco_most)
    few_hits = hits if len(few.detections) == len(table.detections) else ranked_hits(few)
    rows = []
    for convention in CONVENTIONS:
        most = (few, few_hits) if convention.key == "coco" else (table, hits)
        precision = _by_class(*most, convention.average_precision)
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


def _by_class(table: MatchTable, hits: RankedHits, function: AveragePrecision) -> np.ndarray:
    """(10, C) average precision over all areas."""
    levels = table.coco_indices
    precision = np.empty((len(levels), len(table.class_names)))
    for level, label, places, detections, truths in hits.rankings(0, levels):
        precision[level, label] = function(places, detections, truths)
    return precision
