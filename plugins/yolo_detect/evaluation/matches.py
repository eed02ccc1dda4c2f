"""The table of matches behind all detection metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.overlap import candidate_pairs, corner_and_size
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords, ImageId

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
_SAME_IOU = 1e-7  # thresholds in single precision are the same ones
AREAS = ("all", "small", "medium", "large")
_AREA_LIMITS = np.array(
    [[0.0, 1e10], [0.0, 32.0**2], [32.0**2, 96.0**2], [96.0**2, 1e10]]
)  # square pixels; both ends are included


@dataclass(frozen=True)
class MatchTable:
    """The matches of detections and true objects, for every area range and IoU threshold.

    Detections are ordered by class, descending score, image, given order; those beyond
    `max_detections` in their image and class are left out. Truths are ordered by image, class,
    given order. Most detections overlap no object enough to match at any threshold. Matches are
    stored only for the others, one *row* each; `matched` and `ignored` cover all detections.

    A truth is ignored in an area range if it is a crowd region or its area lies outside. A
    detection is ignored if it matches an ignored truth, or none and its own area lies outside.

    Attributes:
        class_names: (C,) names by label.
        image_ids: (I,) in order.
        thresholds: (T,) float64, ascending.
        max_detections: per image and class.
        image: (N,) int64, index into `image_ids`; likewise `truth_image` (G,).
        label: (N,) int64; likewise `truth_label` (G,).
        score: (N,) float64.
        box: (N, 4) float64 (x, y, width, height); likewise `truth_box` (G, 4).
        place: (N,) int64, rank by score in its image and class, from 0.
        outside: (N, A) bool, the detection's area lies outside the range.
        truth_crowd: (G,) bool.
        truth_ignored: (G, A) bool.
        row_detection: (K,) int64, ascending, index of each row's detection.
        row_matched: (A, T, K) int32, the matched truth or -1.
        row_ignored: (A, T, K) bool.
    """

    class_names: tuple[str, ...]
    image_ids: tuple[ImageId, ...]
    thresholds: np.ndarray
    max_detections: int
    image: np.ndarray
    label: np.ndarray
    score: np.ndarray
    box: np.ndarray
    place: np.ndarray
    outside: np.ndarray
    truth_image: np.ndarray
    truth_label: np.ndarray
    truth_box: np.ndarray
    truth_crowd: np.ndarray
    truth_ignored: np.ndarray
    row_detection: np.ndarray
    row_matched: np.ndarray
    row_ignored: np.ndarray

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

    def matched(self, threshold: int, area: int = 0) -> np.ndarray:
        """Return (N,) int64: the truth matched to each detection, or -1."""
        column = np.full(len(self.score), -1)
        column[self.row_detection] = self.row_matched[area, threshold]
        return column

    def ignored(self, threshold: int, area: int = 0) -> np.ndarray:
        """Return (N,) bool: detections that count as neither true nor false positives."""
        column = self.outside[:, area].copy()
        column[self.row_detection] = self.row_ignored[area, threshold]
        return column

    def best(self, count: int) -> MatchTable:
        """Return the table of the best `count` detections per image and class.

        Detections are matched by descending score, so the matches of the best do not change.
        """
        keep = self.place < count
        if keep.all():
            return replace(self, max_detections=min(count, self.max_detections))
        rows = keep[self.row_detection]
        kept = {
            name: getattr(self, name)[keep]
            for name in ("image", "label", "score", "box", "place", "outside")
        }
        return replace(
            self,
            max_detections=count,
            row_detection=(np.cumsum(keep) - 1)[self.row_detection[rows]],
            row_matched=np.ascontiguousarray(self.row_matched[..., rows]),
            row_ignored=np.ascontiguousarray(self.row_ignored[..., rows]),
            **kept,
        )

    def truths(self, area: int = 0) -> np.ndarray:
        """Return (C,) int64: the number of true objects per class that are not ignored."""
        counted = self.truth_label[~self.truth_ignored[:, area]]
        return np.bincount(counted, minlength=len(self.class_names))


def match_table(
    records: FlatRecords,
    class_names: Sequence[str],
    *,
    max_detections: int = 100,
    extra_thresholds: Sequence[float] = (),
    thresholds: np.ndarray = COCO_THRESHOLDS,
) -> MatchTable:
    """Match the detections of all images with their truths.

    Args:
        records: see `FlatRecords`.
        class_names: names by label.
        max_detections: counted detections per image and class, highest scores first.
        extra_thresholds: IoU thresholds besides `thresholds`, above 0, at most 1.
        thresholds: (10,) float64, 0.50:0.05:0.95 in double or single precision.

    Source: the COCO detection evaluation, https://cocodataset.org/#detection-eval.
    """
    thresholds = _thresholds(thresholds, extra_thresholds)
    classes = len(class_names)
    chosen, by_image, place = _ranked(records, classes, max_detections)
    box = corner_and_size(records.detection_box)[chosen]
    image, label = records.detection_image[chosen], records.detection_label[chosen]
    outside = _outside(box[:, 2] * box[:, 3])
    truths = _truths(records)
    group = (image * classes + label)[by_image]
    rows, matched = _matched(box[by_image], group, truths, classes, thresholds)
    rows = by_image[rows]
    by_class = np.argsort(rows)
    rows = rows[by_class]
    matched = np.ascontiguousarray(matched[by_class].transpose(1, 2, 0))
    return MatchTable(
        class_names=tuple(class_names),
        image_ids=records.image_ids,
        thresholds=thresholds,
        max_detections=max_detections,
        image=image,
        label=label,
        score=records.detection_score[chosen],
        box=box,
        place=place,
        outside=outside,
        **{f"truth_{name}": values for name, values in truths._asdict().items()},
        row_detection=rows,
        row_matched=matched,
        row_ignored=_row_ignored(matched, truths.ignored, outside[rows]),
    )


class _Truths(NamedTuple):
    """The true objects by image, class and given order; the fields are those of `MatchTable`."""

    image: np.ndarray
    label: np.ndarray
    box: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray


def _truths(records: FlatRecords) -> _Truths:
    order = _stable_order(records.truth_label)
    order = order[_stable_order(records.truth_image[order])]
    crowd = records.truth_crowd[order]
    return _Truths(
        image=records.truth_image[order],
        label=records.truth_label[order],
        box=corner_and_size(records.truth_box)[order],
        crowd=crowd,
        ignored=crowd[:, None] | _outside(records.truth_area[order]),
    )


def _matched(
    box: np.ndarray, group: np.ndarray, truths: _Truths, classes: int, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Match detections, sorted by group (image and class) and descending score.

    Returns the detections that overlap a truth enough for any threshold, (K,) ascending indices,
    and the truth matched to each of them or -1, (K, A, T) int32.
    """
    from nntasks.ops import match_greedily  # torch, which naming the metrics can do without

    least = float(min(thresholds[0], 1 - 1e-10))
    of_truths = truths.image * classes + truths.label
    pairs = candidate_pairs(box, group, truths.box, of_truths, truths.crowd, least)
    starts = np.flatnonzero(np.diff(pairs.detection, prepend=-1))
    rows = pairs.detection[starts]
    matched = match_greedily(
        np.append(starts, len(pairs.detection)),
        pairs.truth,
        pairs.iou,
        group[rows],
        truths.crowd,
        truths.ignored,
        thresholds,
    )
    return rows, matched.numpy()


def _thresholds(thresholds: np.ndarray, extra: Sequence[float]) -> np.ndarray:
    """Return the thresholds and the extra ones, ascending and unique."""
    for iou in extra:
        if np.abs(thresholds - iou).min() > _SAME_IOU:
            thresholds = np.append(thresholds, iou)
    return np.sort(thresholds)


def _row_ignored(matched: np.ndarray, truth_ignored: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """(A, T, K) matches, (G, A) truths, (K, A) detections outside -> (A, T, K) bool."""
    ignored = np.empty(matched.shape, dtype=bool)
    for area in range(len(matched)):
        # Index -1, of unmatched detections, reads the extra last entry.
        truth = np.append(truth_ignored[:, area], False)
        ignored[area] = truth[matched[area]] | ((matched[area] < 0) & outside[:, area])
    return ignored


def _outside(areas: np.ndarray) -> np.ndarray:
    """(N,) square pixels -> (N, A) bool: outside the range."""
    return (areas[:, None] < _AREA_LIMITS[:, 0]) | (areas[:, None] > _AREA_LIMITS[:, 1])


def _stable_order(keys: np.ndarray) -> np.ndarray:
    """Stable argsort of small non-negative integers; NumPy sorts 16-bit ones by radix."""
    small = np.uint16 if not len(keys) or keys.max() < 1 << 16 else np.int64
    return np.argsort(keys.astype(small), kind="stable")


def _ranked(
    records: FlatRecords, classes: int, max_detections: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order the detections and cut each image and class to its best.

    Returns the kept ones by class and descending score, the order that sorts them by image and
    class, and their rank by score in their image and class.
    """
    chosen = np.argsort(-records.detection_score, kind="stable")
    chosen = chosen[_stable_order(records.detection_label[chosen])]
    image = records.detection_image[chosen]
    by_image = _stable_order(image)
    group = (image * classes + records.detection_label[chosen])[by_image]
    place = np.empty(len(chosen), np.int64)
    place[by_image] = _place_in_group(group)
    keep = place < max_detections
    if not keep.all():
        chosen, place = chosen[keep], place[keep]
        by_image = _stable_order(records.detection_image[chosen])
    return chosen, by_image, place


def _place_in_group(group: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... within each run of equal values."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    return np.arange(len(group)) - np.repeat(first, np.diff(np.append(first, len(group))))
