"""Matching by the rules of a program: which object each detection gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.greedy import match_in_turn
from nntasks.plugins.yolo_detect.evaluation.overlap import (
    CandidatePairs,
    candidate_pairs,
    in_single_precision,
)

_SLACK = 1e-4  # pairs are found in double precision, with IoUs a little below the threshold
_EPSILON = np.float32(1e-7)  # added to unions in single precision


class Objects(NamedTuple):
    """Objects by image and class: their index in the records, group, crowd flag, and flags (G, A)
    of those that do not count in an area range."""

    chosen: np.ndarray
    group: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray


@dataclass(frozen=True)
class Paired:
    """Detections and objects of a problem, and the pairs that overlap enough.

    Attributes:
        detection: (N,) int64, index in the records, by image and class and falling score.
        group: (N,) int64, number of image and class.
        place: (N,) int64, rank in the group, from 0.
        by_image: (N,) int64, indices into `detection`, by image and falling score.
        area: (N,) float64, square pixels.
        objects: those that are not left out.
        pairs: indices into `detection` and `objects`.
    """

    detection: np.ndarray
    group: np.ndarray
    place: np.ndarray
    by_image: np.ndarray
    area: np.ndarray
    objects: Objects
    pairs: CandidatePairs


def pair_up(problem: Problem, rules: Rules, ranges: np.ndarray) -> Paired:
    """Find the pairs of a detection and an object that overlap enough.

    Args:
        problem: the boxes.
        rules: the program's.
        ranges: (A, 2) float64, least and largest area in square pixels; objects outside a range are
            ignored in it.
    """
    records = problem.records
    chosen = _best_of_each_image(problem, rules)
    group = records.detections.image * len(problem.class_names) + records.detections.label
    served = np.argsort(group[chosen], kind="stable")
    detection = chosen[served]
    group = group[detection]
    by_image = np.empty_like(served)
    by_image[served] = np.arange(len(served))
    boxes = _boxes(records.detections.box[detection], rules)
    objects = _objects(problem, rules, ranges)
    true = _boxes(records.truths.box[objects.chosen], rules)
    return Paired(
        detection,
        group,
        np.arange(len(group)) - np.searchsorted(group, group),
        by_image,
        boxes[:, 2] * boxes[:, 3],
        objects,
        _pairs(boxes, group, true, objects, rules),
    )


def match(paired: Paired, rules: Rules) -> np.ndarray:
    """Return (A, T, N) int64: the index in `objects` that each detection gets, or -1."""
    thresholds = rules.thresholds()
    shape = (paired.objects.ignored.shape[1], len(thresholds), len(paired.detection))
    matched = np.full(shape, -1)
    if rules.matching == "best only":
        for area in range(shape[0]):
            _best_only(matched[area], paired, paired.objects.ignored[:, area], thresholds)
    else:
        _next_free(matched, paired, thresholds)
    return matched


def scores_of(problem: Problem, rules: Rules) -> np.ndarray:
    """Return (N,) scores in the precision of the program."""
    scores = problem.records.detections.score
    return scores if rules.arithmetic == "double" else scores.astype(np.float32)


def _best_of_each_image(problem: Problem, rules: Rules) -> np.ndarray:
    """Return the detections that count, by image and falling score."""
    records = problem.records
    order = np.argsort(-scores_of(problem, rules), kind="stable")
    order = order[np.argsort(records.detections.image[order], kind="stable")]
    if rules.most is None:
        return order
    group = records.detections.image[order]
    if rules.per_class:
        group = group * len(problem.class_names) + records.detections.label[order]
    in_group = np.argsort(group, kind="stable")
    place = np.empty(len(order), np.int64)
    place[in_group] = np.arange(len(order)) - np.searchsorted(group[in_group], group[in_group])
    return order[place < rules.most]


def _objects(problem: Problem, rules: Rules, ranges: np.ndarray) -> Objects:
    records = problem.records
    kept = np.flatnonzero(~records.truths.crowd | (rules.crowds == "ignored"))
    group = records.truths.image * len(problem.class_names) + records.truths.label
    kept = kept[np.argsort(group[kept], kind="stable")]
    crowd = records.truths.crowd[kept]
    ignored = crowd | (problem.difficult[kept] & (rules.difficult == "ignored"))
    area = _areas(problem, rules)[kept, None]
    outside = (area < ranges[:, 0]) | (area > ranges[:, 1])
    return Objects(kept, group[kept], crowd, ignored[:, None] | outside)


def _areas(problem: Problem, rules: Rules) -> np.ndarray:
    """Return (G,) areas of objects: as stated, or those of the boxes that a program holds."""
    if rules.arithmetic == "double":
        return problem.records.truths.area
    return np.prod(_boxes(problem.records.truths.box, rules)[:, 2:], axis=1)


def _boxes(boxes: np.ndarray, rules: Rules) -> np.ndarray:
    """Return (N, 4) float64 (x, y, width, height) as the program holds them."""
    if rules.arithmetic == "single boxes":
        boxes = in_single_precision(boxes)
    return boxes + np.array([0.0, 0.0, rules.pixel, rules.pixel])


def _pairs(
    found: np.ndarray, group: np.ndarray, true: np.ndarray, objects: Objects, rules: Rules
) -> CandidatePairs:
    least = float(rules.thresholds()[0])
    if rules.arithmetic != "single":
        return candidate_pairs(found, group, true, objects.group, objects.crowd, least)
    near = candidate_pairs(found, group, true, objects.group, objects.crowd, least - _SLACK)
    iou = _single_iou(found[near.detection], true[near.truth], objects.crowd[near.truth])
    kept = np.flatnonzero(iou >= least)
    kept = kept[np.lexsort((near.truth[kept], iou[kept], near.detection[kept]))]
    return CandidatePairs(near.detection[kept], near.truth[kept], iou[kept])


def _single_iou(found: np.ndarray, true: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return (P,) float64 IoUs computed in single precision from corners."""
    found, true = (
        np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1).astype(np.float32)
        for boxes in (found, true)
    )
    sides = np.minimum(found[:, 2:], true[:, 2:]) - np.maximum(found[:, :2], true[:, :2])
    inter = np.prod(np.maximum(sides, 0), axis=1)
    area, other = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (found, true))
    union = np.where(crowd, area, area + other - inter)
    return (inter / (union + _EPSILON)).astype(np.float64)


def _next_free(matched: np.ndarray, paired: Paired, thresholds: np.ndarray) -> None:
    """Fill in the best object that is free when a detection's turn comes."""
    pairs, objects = paired.pairs, paired.objects
    starts = np.flatnonzero(np.diff(pairs.detection, prepend=-1))
    rows = pairs.detection[starts]
    found = match_in_turn(
        np.append(starts, len(pairs.detection)),
        pairs.truth,
        pairs.iou,
        paired.group[rows],
        objects.crowd,
        objects.ignored,
        thresholds,
    )
    matched[..., rows] = found.transpose(1, 2, 0)


def _best_only(
    matched: np.ndarray, paired: Paired, ignored: np.ndarray, thresholds: np.ndarray
) -> None:
    """Fill in the best object of every detection, for the first detection that claims it."""
    pairs = paired.pairs
    best_first = np.lexsort((pairs.truth, -pairs.iou, pairs.detection))  # of equal ones the first
    best = best_first[np.flatnonzero(np.diff(pairs.detection, prepend=-1))]
    rows, truth, iou = pairs.detection[best], pairs.truth[best], pairs.iou[best]
    for level, threshold in enumerate(thresholds):
        claims = np.flatnonzero(iou >= threshold)
        wanted, first = np.unique(truth[claims], return_index=True)
        winners = claims[first[~ignored[wanted]]]
        matched[level, rows[winners]] = truth[winners]
        excused = claims[ignored[truth[claims]]]  # an ignored object is never used up
        matched[level, rows[excused]] = truth[excused]
