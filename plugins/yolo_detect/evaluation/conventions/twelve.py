"""COCO's twelve numbers by the rules of a program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.coco import mean
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import Ranking, ranked
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules

NAMES = (
    *("map50_95", "map50", "map75", "map_small", "map_medium", "map_large"),
    *("ar1", "ar10", "ar100", "ar_small", "ar_medium", "ar_large"),
)
_RANGES = np.array([[0.0, 1e10], [0.0, 32.0**2], [32.0**2, 96.0**2], [96.0**2, 1e10]])


def twelve(problem: Problem, rules: Rules, names: Sequence[str] = NAMES) -> dict[str, float]:
    """Return the numbers under `names`, which go in the order of `NAMES`; NaN without objects."""
    rankings = ranked(problem, rules, _RANGES)
    precision = [ranking.average_precision(rules.average) for ranking in rankings]
    numbers = [mean(precision[0]), mean(precision[0][0]), mean(precision[0][5])]
    numbers += [mean(part) for part in precision[1:]]
    numbers += [_recall(rankings[0], most) for most in (1, 10, 100)]
    numbers += [_recall(ranking, 100) for ranking in rankings[1:]]
    return dict(zip(names, numbers, strict=True))


def _recall(ranking: Ranking, most: int) -> float:
    """Mean recall over thresholds and classes, of the best `most` of each image and class."""
    found = ranking.right & (ranking.place < most)
    recalls = [
        found[:, mine].sum(axis=1) / truths for _, truths, mine in ranking.segments() if truths
    ]
    return mean(np.array(recalls).T.ravel())  # by threshold, then class, as `coco_numbers` sums
