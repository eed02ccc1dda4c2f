"""Matching and ranking by the rules of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import AVERAGES, Rules
from nntasks.plugins.yolo_detect.evaluation.overlap import (
    CandidatePairs,
    candidate_pairs,
    in_single_precision,
)

_SLACK = 1e-4  # pairs are found in double precision, with IoUs a little below the threshold
_EPSILON = np.float32(1e-7)  # added to unions in single precision


@dataclass(frozen=True)
class Ranking:
    """The detections that count, by class and rank, and which of them are right.

    Attributes:
        label: (N,) int64, ascending.
        score: (N,) float64.
        right: (T, N) bool, matched with an object that counts.
        counted: (T, N) bool, right or wrong; False in crowd regions and on difficult objects.
        truths: (C,) int64, objects that count.
        detection: (N,) int64, index in the records.
    """

    label: np.ndarray
    score: np.ndarray
    right: np.ndarray
    counted: np.ndarray
    truths: np.ndarray
    detection: np.ndarray

    def segments(self) -> Iterator[tuple[int, int, slice]]:
        """Yield (label, objects, detections) of each class."""
        bounds = np.searchsorted(self.label, np.arange(len(self.truths) + 1)).tolist()
        for label, truths in enumerate(self.truths.tolist()):
            yield label, truths, slice(bounds[label], bounds[label + 1])

    def average_precision(self, average: str) -> np.ndarray:
        """Return (T, C) float64 average precision; NaN for classes without objects."""
        function = AVERAGES[average]
        precision = np.full((len(self.right), len(self.truths)), np.nan)
        for label, truths, mine in self.segments():
            if not truths:
                continue
            for level, (right, counted) in enumerate(
                zip(self.right[:, mine], self.counted[:, mine], strict=True)
            ):
                ranks = np.flatnonzero(right) + 1
                ignored = np.flatnonzero(~counted)
                places = ranks - np.searchsorted(ignored, ranks)
                precision[level, label] = function(places, len(right) - len(ignored), truths)
        return precision


def rank(problem: Problem, rules: Rules) -> Ranking:
    """Match and rank the detections of a problem by the rules of a program."""
    records = problem.records
    by_image = _best_of_each_image(problem, rules)
    truths = _truths(problem, rules)
    matched = _matched(problem, rules, by_image, truths)
    ignored = np.append(truths.ignored, False)[matched]
    right = (matched >= 0) & ~ignored
    order = _by_class(records.detections.score[by_image], records.detections.label[by_image], rules)
    chosen = by_image[order]
    return Ranking(
        label=records.detections.label[chosen],
        score=records.detections.score[chosen],
        right=right[:, order],
        counted=~ignored[:, order],
        truths=np.bincount(
            records.truths.label[truths.chosen[~truths.ignored]], minlength=len(problem.class_names)
        ),
        detection=chosen,
    )


class _Truths(NamedTuple):
    """Objects by image and class: their index in the records, group, flags."""

    chosen: np.ndarray
    group: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray


def _best_of_each_image(problem: Problem, rules: Rules) -> np.ndarray:
    """Return the detections that count, by image and falling score."""
    records = problem.records
    order = np.argsort(-records.detections.score, kind="stable")
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


def _truths(problem: Problem, rules: Rules) -> _Truths:
    records = problem.records
    kept = np.flatnonzero(~records.truths.crowd | (rules.crowds == "ignored"))
    group = records.truths.image * len(problem.class_names) + records.truths.label
    kept = kept[np.argsort(group[kept], kind="stable")]
    crowd = records.truths.crowd[kept]
    ignored = crowd | (problem.difficult[kept] & (rules.difficult == "ignored"))
    return _Truths(kept, group[kept], crowd, ignored)


def _by_class(score: np.ndarray, label: np.ndarray, rules: Rules) -> np.ndarray:
    """Return the order by class and falling score of detections that come image by image."""
    if rules.order == "numpy":
        order = np.argsort(-score.astype(np.float32))
    else:
        order = np.argsort(-score, kind="stable")
    return order[np.argsort(label[order], kind="stable")]


def _matched(problem: Problem, rules: Rules, by_image: np.ndarray, truths: _Truths) -> np.ndarray:
    """Return (T, N) int64: the index in `truths` matched to each detection, or -1."""
    records, thresholds = problem.records, rules.thresholds()
    group = records.detections.image * len(problem.class_names) + records.detections.label
    group = group[by_image]
    # Groups one after the other, each by falling score.
    served = np.argsort(group, kind="stable")
    pairs = _pairs(
        _boxes(records.detections.box[by_image[served]], rules),
        group[served],
        _boxes(records.truths.box[truths.chosen], rules),
        truths,
        rules,
    )
    result = np.full((len(thresholds), len(by_image)), -1)
    if rules.matching == "next free":
        _next_free(result, pairs, group[served], truths, thresholds)
    else:
        _best_only(result, pairs, truths, thresholds)
    matched = np.empty_like(result)
    matched[:, served] = result
    return matched


def _boxes(boxes: np.ndarray, rules: Rules) -> np.ndarray:
    """Return (N, 4) float64 (x, y, width, height) as the program holds them."""
    if rules.arithmetic == "single boxes":
        boxes = in_single_precision(boxes)
    return boxes + np.array([0.0, 0.0, rules.pixel, rules.pixel])


def _pairs(
    found: np.ndarray, group: np.ndarray, true: np.ndarray, truths: _Truths, rules: Rules
) -> CandidatePairs:
    least = float(rules.thresholds()[0])
    if rules.arithmetic != "single":
        return candidate_pairs(found, group, true, truths.group, truths.crowd, least)
    near = candidate_pairs(found, group, true, truths.group, truths.crowd, least - _SLACK)
    iou = _single_iou(found[near.detection], true[near.truth], truths.crowd[near.truth])
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


def _next_free(
    result: np.ndarray,
    pairs: CandidatePairs,
    group: np.ndarray,
    truths: _Truths,
    thresholds: np.ndarray,
) -> None:
    """Fill in the best object that is free when a detection's turn comes."""
    from nntasks.ops import match_greedily  # torch, which the other rules can do without

    starts = np.flatnonzero(np.diff(pairs.detection, prepend=-1))
    rows = pairs.detection[starts]
    matched = match_greedily(
        np.append(starts, len(pairs.detection)),
        pairs.truth,
        pairs.iou,
        group[rows],
        truths.crowd,
        truths.ignored[:, None],
        thresholds,
    )
    result[:, rows] = matched[:, 0].numpy().T


def _best_only(
    result: np.ndarray, pairs: CandidatePairs, truths: _Truths, thresholds: np.ndarray
) -> None:
    """Fill in the best object of every detection, for the first detection that claims it."""
    best_first = np.lexsort((pairs.truth, -pairs.iou, pairs.detection))  # of equal ones the first
    best = best_first[np.flatnonzero(np.diff(pairs.detection, prepend=-1))]
    rows, truth, iou = pairs.detection[best], pairs.truth[best], pairs.iou[best]
    for level, threshold in enumerate(thresholds):
        claims = np.flatnonzero(iou >= threshold)
        wanted, first = np.unique(truth[claims], return_index=True)
        winners = claims[first[~truths.ignored[wanted]]]
        result[level, rows[winners]] = truth[winners]
        excused = claims[truths.ignored[truth[claims]]]  # an ignored object is never used up
        result[level, rows[excused]] = truth[excused]
