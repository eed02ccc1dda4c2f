"""Matching and ranking by the rules of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.conventions.matching import match, pair_up, scores_of
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import AVERAGES, Rules

ALL_AREAS = np.array([[0.0, np.inf]])


@dataclass(frozen=True)
class Ranking:
    """The detections that count, by class and rank, and which of them are right.

    Attributes:
        label: (N,) int64, ascending.
        score: (N,) float64.
        right: (T, N) bool, matched with an object that counts.
        counted: (T, N) bool, right or wrong; False in crowd regions and on difficult objects.
        truths: (C,) int64, objects that count.
        place: (N,) int64, rank by score in the image and class, from 0.
        image: (N,) int64, of each detection.
        truth_image, truth_label: (G,) int64, of the objects that count.
    """

    label: np.ndarray
    score: np.ndarray
    right: np.ndarray
    counted: np.ndarray
    truths: np.ndarray
    place: np.ndarray
    image: np.ndarray
    truth_image: np.ndarray
    truth_label: np.ndarray

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
    return ranked(problem, rules, ALL_AREAS)[0]


def ranked(problem: Problem, rules: Rules, ranges: np.ndarray) -> list[Ranking]:
    """Return the ranking for each range of areas.

    Objects outside a range are ignored in it, and so are detections outside that match nothing.

    Args:
        problem, rules: as in `rank`.
        ranges: (A, 2) float64, least and largest area in square pixels.
    """
    records = problem.records
    paired = pair_up(problem, rules, ranges)
    objects = paired.objects
    matched = match(paired, rules)
    by_image = paired.by_image
    scores = scores_of(problem, rules)[paired.detection]
    labels = records.detections.label[paired.detection]
    order = by_image[_by_class(scores[by_image], labels[by_image], rules)]
    chosen = paired.detection[order]
    lost = np.append(problem.without_id[objects.chosen] & (rules.id_zero == "lost"), False)
    rankings = []
    for area, (least, most) in enumerate(ranges):
        mine = matched[area][:, order]
        outside = ((paired.area < least) | (paired.area > most))[order]
        ignored = np.append(objects.ignored[:, area], False)[mine] | ((mine < 0) & outside)
        real = objects.chosen[~objects.ignored[:, area]]
        counted = records.truths.label[real]
        rankings.append(
            Ranking(
                label=records.detections.label[chosen],
                score=records.detections.score[chosen],
                place=paired.place[order],
                right=(mine >= 0) & ~ignored & ~lost[mine],
                counted=~ignored,
                truths=np.bincount(counted, minlength=len(problem.class_names)),
                image=records.detections.image[chosen],
                truth_image=records.truths.image[real],
                truth_label=counted,
            )
        )
    return rankings


def _by_class(score: np.ndarray, label: np.ndarray, rules: Rules) -> np.ndarray:
    """Return the order by class and falling score of detections that come image by image."""
    if rules.order == "numpy":
        order = np.argsort(-score)
    else:
        order = np.argsort(-score, kind="stable")
    return order[np.argsort(label[order], kind="stable")]
