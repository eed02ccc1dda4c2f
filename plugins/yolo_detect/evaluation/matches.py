"""The table of matches behind all detection metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.records import (
    FlatDetections,
    FlatRecords,
    FlatTruths,
    ImageId,
)

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_SAME_IOU = 1e-7  # thresholds in single precision are the same ones
AREAS = ("all", "small", "medium", "large")
AREA_RANGES = np.array(
    [[0.0, 1e10], [0.0, 32.0**2], [32.0**2, 96.0**2], [96.0**2, 1e10]]
)  # square pixels; both ends are included


@dataclass(frozen=True)
class RankedDetections:
    """The detections by class, descending score, image, given order.

    Those beyond the limit in their image and class are left out. Columns are copied when they are
    first read.

    Attributes:
        given: the detections as they came.
        index: (N,) int64, where each is in `given`.
        place: (N,) int64, rank by score in its image and class, from 0.
        outside: (N, A) bool, the detection's area lies outside the range.
    """

    given: FlatDetections
    index: np.ndarray
    place: np.ndarray
    outside: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    @cached_property
    def image(self) -> np.ndarray:
        """(N,) int64, index into `image_ids` of the table."""
        return self.given.image[self.index]

    @cached_property
    def label(self) -> np.ndarray:
        """(N,) int64."""
        return self.given.label[self.index]

    @cached_property
    def score(self) -> np.ndarray:
        """(N,) float64."""
        return self.given.score[self.index]

    @cached_property
    def box(self) -> np.ndarray:
        """(N, 4) float64 (x, y, width, height)."""
        return self.given.box[self.index]

    def taken(self, keep: np.ndarray) -> RankedDetections:
        """Return those that a mask (N,) names."""
        return RankedDetections(self.given, self.index[keep], self.place[keep], self.outside[keep])


@dataclass(frozen=True)
class RankedTruths:
    """The true objects by image, class, given order.

    A truth is ignored in an area range if it is a crowd region or its area lies outside.

    Attributes:
        image: (G,) int64, index into `image_ids` of the table.
        label: (G,) int64.
        box: (G, 4) float64 (x, y, width, height).
        crowd: (G,) bool.
        ignored: (G, A) bool.
    """

    image: np.ndarray
    label: np.ndarray
    box: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True)
class MatchRows:
    """The matches of the detections that overlap a truth enough for any threshold, one row each.

    A detection is ignored if it matches an ignored truth, or none and its own area lies outside.

    Attributes:
        detection: (K,) int64, ascending, index of each row's detection.
        matched: (K, A, T) int32, the matched truth or -1.
        ignored: (K, A, T) bool.
    """

    detection: np.ndarray
    matched: np.ndarray
    ignored: np.ndarray


@dataclass(frozen=True)
class MatchTable:
    """The matches of detections and true objects, for every area range and IoU threshold.

    Most detections overlap no object enough to match at any threshold. Matches are stored only for
    the others, in `rows`; `matched` and `ignored` cover all detections.

    Attributes:
        class_names: (C,) names by label.
        image_ids: (I,) in order.
        thresholds: (T,) float64, ascending.
        max_detections: per image and class.
        detections: N of them.
        truths: G of them.
        rows: K of them.
    """

    class_names: tuple[str, ...]
    image_ids: tuple[ImageId, ...]
    thresholds: np.ndarray
    max_detections: int
    detections: RankedDetections
    truths: RankedTruths
    rows: MatchRows

    def threshold_index(self, iou: float) -> int:
        """Return the index of an IoU threshold; raises KeyError if absent."""
        index = int(np.argmin(np.abs(self.thresholds - iou)))
        if abs(self.thresholds[index] - iou) > _SAME_IOU:
            raise KeyError(f"the table has no IoU threshold {iou}; it has {self.thresholds}")
        return index

    @property
    def coco_indices(self) -> list[int]:
        """The indices of 0.50, 0.55, ... 0.95 in `thresholds`."""
        return [self.threshold_index(iou) for iou in COCO_THRESHOLDS]

    @cached_property
    def class_starts(self) -> np.ndarray:
        """(C + 1,) int64: class c has detections class_starts[c]:class_starts[c + 1]."""
        counts = np.bincount(self.detections.label, minlength=len(self.class_names))
        return np.concatenate([[0], np.cumsum(counts)])

    def matched(self, threshold: int, area: int = 0) -> np.ndarray:
        """Return (N,) int64: the truth matched to each detection, or -1."""
        column = np.full(len(self.detections), -1)
        column[self.rows.detection] = self.rows.matched[:, area, threshold]
        return column

    def ignored(self, threshold: int, area: int = 0) -> np.ndarray:
        """Return (N,) bool: detections that count as neither true nor false positives."""
        column = self.detections.outside[:, area].copy()
        column[self.rows.detection] = self.rows.ignored[:, area, threshold]
        return column

    def best(self, count: int) -> MatchTable:
        """Return the table of the best `count` detections per image and class.

        Detections are matched by descending score, so the matches of the best do not change.
        """
        keep = self.detections.place < count
        if keep.all():
            return replace(self, max_detections=min(count, self.max_detections))
        kept = keep[self.rows.detection]
        return replace(
            self,
            max_detections=count,
            detections=self.detections.taken(keep),
            rows=MatchRows(
                detection=(np.cumsum(keep) - 1)[self.rows.detection[kept]],
                matched=self.rows.matched[kept],
                ignored=self.rows.ignored[kept],
            ),
        )

    def counted_truths(self, area: int = 0) -> np.ndarray:
        """Return (C,) int64: the number of true objects per class that are not ignored."""
        counted = self.truths.label[~self.truths.ignored[:, area]]
        return np.bincount(counted, minlength=len(self.class_names))


def match_table(
    records: FlatRecords,
    class_names: Sequence[str],
    *,
    max_detections: int = 100,
    extra_thresholds: Sequence[float] = (),
    thresholds: np.ndarray = COCO_THRESHOLDS,
    area_ranges: np.ndarray = AREA_RANGES,
) -> MatchTable:
    """Match the detections of all images with their truths.

    Args:
        records: see `FlatRecords`.
        class_names: names by label.
        max_detections: counted detections per image and class, highest scores first.
        extra_thresholds: IoU thresholds besides `thresholds`, above 0, at most 1.
        thresholds: (10,) float64, 0.50:0.05:0.95 in double or single precision.
        area_ranges: (A, 2) float64, least and largest area in square pixels, both in the range.

    Source: the COCO detection evaluation, https://cocodataset.org/#detection-eval.
    """
    from nntasks.ops import match_detections  # torch, which naming the metrics can do without

    thresholds = _thresholds(thresholds, extra_thresholds)
    found, true = records.detections, records.truths
    matches = match_detections(
        (found.image, found.label, found.score, found.box),
        (true.image, true.label, true.box, true.crowd, true.area),
        thresholds=thresholds,
        area_ranges=area_ranges,
        max_detections=max_detections,
    )
    index, place, outside, truth, truth_ignored, row, matched, ignored = (
        column.numpy() for column in matches
    )
    return MatchTable(
        class_names=tuple(class_names),
        image_ids=records.image_ids,
        thresholds=thresholds,
        max_detections=max_detections,
        detections=RankedDetections(found, index, place, outside),
        truths=_ranked_truths(true, truth, truth_ignored),
        rows=MatchRows(row, matched, ignored),
    )


def _ranked_truths(truths: FlatTruths, order: np.ndarray, ignored: np.ndarray) -> RankedTruths:
    return RankedTruths(
        image=truths.image[order],
        label=truths.label[order],
        box=truths.box[order],
        crowd=truths.crowd[order],
        ignored=ignored,
    )


def _thresholds(thresholds: np.ndarray, extra: Sequence[float]) -> np.ndarray:
    """Return the thresholds and the extra ones, ascending and unique."""
    for iou in extra:
        if np.abs(thresholds - iou).min() > _SAME_IOU:
            thresholds = np.append(thresholds, iou)
    return np.sort(thresholds)
