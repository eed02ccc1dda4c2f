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
    classes, (areas, levels, _) = len(table.class_names), table.row_matched.shape
    class_start = np.searchsorted(table.label, np.arange(classes + 1))
    row_start = np.searchsorted(table.row_detection, class_start)
    # Only detections with a row in the table differ between thresholds.
    outside = np.ascontiguousarray(table.outside.T)
    inside = _running_sum(~outside)
    rows_outside = outside[:, None, table.row_detection].view(np.int8)
    late = _running_sum(rows_outside - table.row_ignored.view(np.int8))
    detections = np.diff(inside[:, class_start])[:, None] + np.diff(late[..., row_start])

    label = table.label[table.row_detection]
    area, threshold, row = np.nonzero((table.row_matched >= 0) & ~table.row_ignored)
    places = inside[area, table.row_detection[row] + 1] - inside[area, class_start[label[row]]]
    places += late[area, threshold, row + 1] - late[area, threshold, row_start[label[row]]]
    segment = (area * levels + threshold) * classes + label[row]
    counts = np.bincount(segment, minlength=areas * levels * classes)
    return RankedHits(
        places=places,
        bounds=np.concatenate([[0], np.cumsum(counts)]),
        detections=detections,
        truths=np.stack([table.truths(area) for area in range(areas)]),
    )


def _running_sum(values: np.ndarray) -> np.ndarray:
    """(..., N) -> (..., N + 1) int32: exclusive prefix sums."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), np.int32)
    np.cumsum(values, axis=-1, dtype=np.int32, out=sums[..., 1:])
    return sums
