"""The twelve COCO numbers, and average precision class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.hits import RankedHits, ranked_hits
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, COCO_THRESHOLDS, MatchTable

COCO_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class CocoNumbers:
    """COCO average precision and recall.

    A class without true objects in an area range is NaN there and left out of every mean; a mean
    over nothing is NaN. (The reference implementation writes -1 in both cases.)

    Attributes:
        precision: (A, 10, C) average precision by area range, IoU threshold 0.50:0.05:0.95, class.
        recall: (A, 10, C) recall with all detections of the table.
        recall_at: by number of detections per image and class, (10, C) recall over all areas.
    """

    precision: np.ndarray
    recall: np.ndarray
    recall_at: dict[int, np.ndarray]

    def summary(self) -> dict[str, float]:
        """Return the twelve numbers in their usual order."""
        numbers = {
            "map50_95": mean(self.precision[0]),
            "map50": mean(self.precision[0, _level(0.5)]),
            "map75": mean(self.precision[0, _level(0.75)]),
        }
        sizes = list(enumerate(AREAS))[1:]
        numbers |= {f"map_{name}": mean(self.precision[area]) for area, name in sizes}
        numbers |= {f"ar{count}": mean(recall) for count, recall in self.recall_at.items()}
        return numbers | {f"ar_{name}": mean(self.recall[area]) for area, name in sizes}

    def per_class(self) -> np.ndarray:
        """Return (C,) AP at 0.50:0.05:0.95 over all areas."""
        return self.precision[0].mean(axis=0)


def recall_counts(max_detections: int) -> tuple[int, ...]:
    """Return the numbers of detections at which recall is given: 1, 10 and the maximum."""
    return tuple(sorted({min(count, max_detections) for count in (1, 10)} | {max_detections}))


def coco_numbers(
    table: MatchTable, hits: RankedHits | None = None, recalls: np.ndarray = COCO_RECALLS
) -> CocoNumbers:
    """Compute average precision and recall from the table.

    Args:
        table: the matches.
        hits: `ranked_hits` of the table, if they are there already.
        recalls: (R,) float64, at which the best precision is read and averaged.
    """
    hits = ranked_hits(table) if hits is None else hits
    levels = table.coco_indices
    precision = average_precision(hits, recalls)[:, levels]
    found = np.diff(hits.bounds).reshape(hits.detections.shape)[:, levels]
    return CocoNumbers(
        precision=precision,
        recall=share(found, hits.truths[:, None, :]),
        recall_at={
            count: share(
                found[0] if count == table.max_detections else found_by_best(table, levels, count),
                hits.truths[0],
            )
            for count in recall_counts(table.max_detections)
        },
    )


def mean(values: np.ndarray) -> float:
    """Return the mean of the defined values; NaN if there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _level(iou: float) -> int:
    return int(np.argmin(np.abs(COCO_THRESHOLDS - iou)))


def average_precision(hits: RankedHits, recalls: np.ndarray) -> np.ndarray:
    """Return (A, T, C): the mean of the best precision at each recall or above.

    It is NaN without true objects.
    """
    from nntasks.ops import precision_at_recalls  # torch, which naming the metrics can do without

    truths = np.broadcast_to(hits.truths[:, None], hits.detections.shape)
    precision = precision_at_recalls(hits.places, hits.bounds, truths.reshape(-1), recalls)
    return (precision.numpy().sum(axis=1) / len(recalls)).reshape(truths.shape)


def found_by_best(table: MatchTable, levels: list[int], count: int) -> np.ndarray:
    """Return (levels, C): truths found by the best `count` detections of each image and class."""
    rows = np.flatnonzero(table.detections.place[table.rows.detection] < count)
    hit = (table.rows.matched[rows, 0] >= 0) & ~table.rows.ignored[rows, 0]
    # Sums up to each row; classes follow one another.
    found = np.zeros((len(rows) + 1, hit.shape[1]), np.int32)
    np.cumsum(hit, axis=0, dtype=np.int32, out=found[1:])
    ends = np.searchsorted(table.rows.detection[rows], table.class_starts)
    return np.diff(found[ends], axis=0)[:, levels].T


def share(found: np.ndarray, truths: np.ndarray) -> np.ndarray:
    """Return found / truths, NaN where there are none."""
    with np.errstate(invalid="ignore"):
        return np.where(truths > 0, found / truths, np.nan)
