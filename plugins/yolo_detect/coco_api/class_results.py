"""The detections of a category, right, wrong or ignored, and the curve that they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ClassResults:
    """The detections of one category by falling score.

    Attributes:
        score: (N,) float64.
        place: (N,) int64, rank by score in the image.
        right: (A, T, N) bool, matched.
        ignored: (A, T, N) bool.
        objects: (A,) int64, objects that count.
    """

    score: np.ndarray
    place: np.ndarray
    right: np.ndarray
    ignored: np.ndarray
    objects: np.ndarray

    def best(self, most: int) -> ClassResults:
        """Return the best of each image."""
        kept = self.place < most
        return ClassResults(
            self.score[kept],
            self.place[kept],
            self.right[..., kept],
            self.ignored[..., kept],
            self.objects,
        )

    def curve(
        self, area: int, level: int, recalls: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the highest recall, and precision and score at each recall level."""
        counted = ~self.ignored[area, level]
        hits = np.cumsum(self.right[area, level] & counted)
        ranks = np.cumsum(counted)
        precision, scores = np.zeros(len(recalls)), np.zeros(len(recalls))
        if not len(hits):
            return 0.0, precision, scores
        recall = hits / self.objects[area]
        best = np.maximum.accumulate((hits / np.maximum(ranks, 1))[::-1])[::-1]
        first = np.searchsorted(recall, recalls, side="left")
        reached = first < len(recall)
        precision[reached], scores[reached] = best[first[reached]], self.score[first[reached]]
        return float(recall[-1]), precision, scores


def from_images(images: Any, params: Any) -> Iterator[ClassResults]:
    """Yield the results of each category from `COCOeval.evalImgs`."""
    ranges, count = len(params.areaRng), len(params.imgIds)
    categories = len(params.catIds) if params.useCats else 1
    levels = len(params.iouThrs)
    table = np.array(images, dtype=object).reshape(categories, ranges, count)
    for own in table:
        kept = [[one for one in row if one is not None] for row in own]
        scores = np.concatenate([np.zeros(0), *(one["dtScores"] for one in kept[0])])
        order = np.argsort(-scores, kind="mergesort")
        places = [np.arange(len(one["dtScores"])) for one in kept[0]]
        nothing = np.zeros((levels, 0), bool)
        right, ignored = (
            np.stack(
                [
                    np.concatenate([nothing, *(np.asarray(one[key]) != 0 for one in row)], axis=1)
                    for row in kept
                ]
            )
            for key in ("dtMatches", "dtIgnore")
        )
        objects = [
            sum(int((np.asarray(one["gtIgnore"]) == 0).sum()) for one in row) for row in kept
        ]
        yield ClassResults(
            scores[order],
            np.concatenate([np.zeros(0, np.int64), *places])[order],
            right[..., order],
            ignored[..., order],
            np.array(objects),
        )
