"""The ranks of the true positives, from which every average precision is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable


@dataclass(frozen=True)
class RankedHits:
    """Precision and recall of every class, area range and IoU threshold in compact form.

    Rank the detections of one class by descending score without the ignored ones. If the k-th true
    positive has rank p (from 1), precision there is k / p and recall is k / truths. Between true
    positives recall is constant and precision falls, so the ranks determine the whole curve.

    Attributes:
        places: (H,) int64, ranks of the true positives, segment by segment.
        bounds: (A * T * C + 1,) int64: segment (a, t, c) is places[bounds[s]:bounds[s + 1]] with
            s = (a * T + t) * C + c.
        detections: (A, T, C) int64, the length of each ranking.
        truths: (A, C) int64, number of true objects that are not ignored.
    """

    places: np.ndarray
    bounds: np.ndarray
    detections: np.ndarray
    truths: np.ndarray

    def segment(self, area: int, threshold: int, label: int) -> np.ndarray:
        """Return the ranks of the true positives of one ranking, ascending."""
        _, levels, classes = self.detections.shape
        index = (area * levels + threshold) * classes + label
        return self.places[self.bounds[index] : self.bounds[index + 1]]

    def rankings(
        self, area: int, thresholds: list[int]
    ) -> Iterator[tuple[int, int, np.ndarray, int, int]]:
        """Yield (index into `thresholds`, class, places, detections, truths) of each ranking."""
        for position, threshold in enumerate(thresholds):
            for label, truths in enumerate(self.truths[area].tolist()):
                places = self.segment(area, threshold, label)
                yield position, label, places, int(self.detections[area, threshold, label]), truths


def ranked_hits(table: MatchTable) -> RankedHits:
    """Compute the ranks of all true positives of the table."""
    from nntasks.ops import rank_hits  # torch, which naming the metrics can do without

    areas = table.rows.matched.shape[1]
    hits = rank_hits(
        table.class_starts,
        table.rows.detection,
        table.rows.matched,
        table.rows.ignored,
        table.detections.outside,
    )
    return RankedHits(
        places=hits.places.numpy(),
        bounds=hits.bounds.numpy(),
        detections=hits.detections.numpy(),
        truths=np.stack([table.counted_truths(area) for area in range(areas)]),
    )
