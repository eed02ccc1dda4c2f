"""Kinds of detection errors, and how much average precision each kind costs.

Source: D. Bolya, S. Foley, J. Hays, J. Hoffman, "TIDE: A General Toolbox for Identifying Object
Detection Errors", ECCV 2020. Where the paper leaves a choice open, the numbers follow the authors'
program: the cap is per image over all classes; a class that has detections but no objects counts as
0 in the mean; precision is read at the recalls 0/100, 1/100, ..., 100/100; a gain below 0 is 0, but
for the two special kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.yolo_detect.evaluation.average_precision import envelope
from nntasks.plugins.yolo_detect.evaluation.greedy import match_in_turn
from nntasks.plugins.yolo_detect.evaluation.overlap import (
    CandidatePairs,
    candidate_pairs,
)
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords

KINDS = ("right", "Cls", "Loc", "Both", "Dupe", "Bkg", "cut")
RIGHT, CLS, LOC, BOTH, DUPE, BKG, CUT = range(len(KINDS))
_LEVELS = np.arange(101) / 100


@dataclass(frozen=True)
class DetectionErrors:
    """The kind of every detection and true object, in the order of `FlatRecords`.

    An ignored detection lies in a crowd region of its class. It counts neither as right nor as
    wrong, but it has a kind: mending it may find an object.

    Attributes:
        kind: (N,) int8, index into `KINDS`. "Cls": right place, wrong class. "Loc": right class,
            IoU too low. "Both": wrong class and IoU too low. "Dupe": the object is taken by a
            detection of higher score. "Bkg": on background. "cut": beyond the limit per image.
        ignored: (N,) bool, matched by no object but inside a crowd region.
        truth: (N,) int64, index of the object that a detection matches ("right") or that would be
            found if the error were mended ("Cls", "Loc", "Dupe"); -1 for the other kinds.
        mends: (N,) bool, the detection that would find its object if the error were mended: of
            several errors on one object the one with the highest score.
        found: (G,) bool, matched objects.
        missed: (G,) bool, objects that no detection finds or would find if mended ("Miss").
        counted: (G,) bool, objects that are no crowd regions.
        label, score: (N,) of the detections; `truth_label` (G,) of the objects.
        order: (N,) int64, detections by image and descending score.
    """

    kind: np.ndarray
    ignored: np.ndarray
    truth: np.ndarray
    mends: np.ndarray
    found: np.ndarray
    missed: np.ndarray
    counted: np.ndarray
    label: np.ndarray
    score: np.ndarray
    truth_label: np.ndarray
    order: np.ndarray

    def counts(self) -> dict[str, int]:
        """Return the number of errors of each kind, ignored detections among them."""
        numbers = {KINDS[kind]: int((self.kind == kind).sum()) for kind in range(CLS, BKG + 1)}
        return numbers | {"Miss": int(self.missed.sum())}

    def gains(self) -> dict[str, float]:
        """Return AP, and the gain in AP if all errors of a kind were mended; in points (percent).

        "FalsePos" is the gain if every false positive ranked last, "FalseNeg" if the objects that
        were not found were left out. NaN without detections and objects.
        """
        now = self._map(np.full(len(self.kind), -1), np.zeros_like(self.missed), self.score, True)
        nothing = np.zeros_like(self.missed)
        gains = {"ap50": now}
        for kind in range(CLS, BKG + 1):
            chosen = np.where(self.kind == kind, kind, -1)
            gains[KINDS[kind]] = max(self._map(chosen, nothing, self.score) - now, 0.0)
        none = np.full(len(self.kind), -1)
        gains["Miss"] = max(self._map(none, self.missed, self.score) - now, 0.0)
        ranked_last = (self.kind == RIGHT).astype(np.float64)
        gains["FalsePos"] = self._map(none, nothing, ranked_last) - now
        gains["FalseNeg"] = self._map(none, self.counted & ~self.found, self.score) - now
        return gains

    def _map(
        self, mended: np.ndarray, left_out: np.ndarray, score: np.ndarray, as_found: bool = False
    ) -> float:
        """Mean AP in percent after errors are mended.

        Args:
            mended: (N,) kind of the detections that are mended, else -1.
            left_out: (G,) bool, objects that do not count.
            score: (N,) by which detections are ranked.
            as_found: equal scores keep their order; otherwise false positives go first among them.
        """
        right = (self.kind == RIGHT) | ((mended >= 0) & self.mends)
        wrong = (mended < 0) & ~right & ~self.ignored & (self.kind != CUT)
        relabelled = np.flatnonzero(right & (mended == CLS))
        label = self.label.copy()
        label[relabelled] = self.truth_label[self.truth[relabelled]]
        chosen = self.order[(right | wrong)[self.order]]
        late = (self.kind[chosen] == RIGHT) & (not as_found)
        chosen = chosen[np.lexsort((late, -score[chosen], label[chosen]))]
        classes = 1 + max(
            (int(values.max()) for values in (self.label, self.truth_label) if len(values)),
            default=-1,
        )
        truths = np.bincount(self.truth_label[self.counted & ~left_out], minlength=classes)
        bounds = np.searchsorted(label[chosen], np.arange(classes + 1))
        precisions = [
            _average_precision(np.flatnonzero(right[chosen[first:end]]) + 1, int(count))
            for first, end, count in zip(bounds[:-1], bounds[1:], truths, strict=True)
            if end > first or count
        ]
        return 100 * float(np.mean(precisions)) if precisions else float("nan")


def detection_errors(
    records: FlatRecords,
    *,
    iou: float = 0.5,
    background: float = 0.1,
    max_detections: int = 100,
) -> DetectionErrors:
    """Match detections with objects and say of each false positive what is wrong with it.

    Args:
        records: see `FlatRecords`.
        iou: lowest IoU of a match, above `background`.
        background: IoU up to which a detection is on background, above 0.
        max_detections: per image, highest scores first.
    """
    order = np.lexsort((-records.detections.score, records.detections.image))
    first = np.searchsorted(records.detections.image[order], records.detections.image[order])
    cut = np.empty(len(order), bool)
    cut[order] = np.arange(len(order)) - first >= max_detections
    used = order[~cut[order]]
    plain, crowd = _pairs(records, used, background)
    matched = _matched(records, used, plain, iou)
    kind, truth = _kinds(records, used, plain, matched, (background, iou))
    in_crowd = crowd.detection[
        (crowd.iou > iou) & _same_class(records, used, crowd) & (kind[crowd.detection] != RIGHT)
    ]
    kinds, truths = np.full(len(cut), CUT, np.int8), np.full(len(cut), -1)
    kinds[used], truths[used] = kind, truth
    found = np.zeros(len(records.truths.label), bool)
    found[matched[matched >= 0]] = True
    mends = _best_errors(kinds, truths, found, used)
    missed = ~found & ~records.truths.crowd
    missed[truths[mends]] = False
    return DetectionErrors(
        kind=kinds,
        ignored=np.isin(np.arange(len(cut)), used[in_crowd]),
        truth=truths,
        mends=mends,
        found=found,
        missed=missed,
        counted=~records.truths.crowd,
        label=records.detections.label,
        score=records.detections.score,
        truth_label=records.truths.label,
        order=order,
    )


def _pairs(
    records: FlatRecords, used: np.ndarray, least: float
) -> tuple[CandidatePairs, CandidatePairs]:
    """Pairs of any class in one image: with objects, and with crowd regions.

    `detection` counts in `used`. Pairs of a detection go by rising IoU, ties by falling truth.
    """
    pairs = candidate_pairs(
        records.detections.box[used],
        records.detections.image[used],
        records.truths.box,
        records.truths.image,
        records.truths.crowd,
        least,
    )
    by_iou = np.lexsort((-pairs.truth, pairs.iou, pairs.detection))
    columns = [column[by_iou] for column in (pairs.detection, pairs.truth, pairs.iou)]
    in_crowd = records.truths.crowd[columns[1]]
    plain, crowd = (CandidatePairs(*(c[side] for c in columns)) for side in (~in_crowd, in_crowd))
    return plain, crowd


def _same_class(records: FlatRecords, used: np.ndarray, pairs: CandidatePairs) -> np.ndarray:
    found = records.detections.label[used[pairs.detection]]
    return found == records.truths.label[pairs.truth]


def _matched(
    records: FlatRecords, used: np.ndarray, pairs: CandidatePairs, iou: float
) -> np.ndarray:
    """(len(used),) the object that each detection takes, by descending score, or -1."""
    fits = _same_class(records, used, pairs) & (pairs.iou >= iou)
    detection = pairs.detection[fits]
    starts = np.flatnonzero(np.diff(detection, prepend=-1))
    rows = detection[starts]
    by_group = np.lexsort((rows, *_groups(records, used[rows])))  # rows of a group side by side
    counts = np.diff(np.append(starts, len(detection)))[by_group]
    ends = np.cumsum(counts)
    places = np.arange(len(detection)) + np.repeat(starts[by_group] - (ends - counts), counts)
    image, label = (values[by_group] for values in reversed(_groups(records, used[rows])))
    plain = np.zeros(len(records.truths.label), bool)
    taken = match_in_turn(
        np.concatenate([[0], ends]),
        pairs.truth[fits][places],
        pairs.iou[fits][places],
        image * (int(label.max(initial=0)) + 1) + label,
        plain,
        plain[:, None],
        np.array([iou]),
    )
    matched = np.full(len(used), -1)
    matched[rows[by_group]] = taken[:, 0, 0]
    return matched


def _groups(records: FlatRecords, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return records.detections.label[chosen], records.detections.image[chosen]


def _kinds(
    records: FlatRecords,
    used: np.ndarray,
    pairs: CandidatePairs,
    matched: np.ndarray,
    limits: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """The kind of each used detection, and the object that its error is about or -1."""
    background, iou = limits
    same = _same_class(records, used, pairs)
    taken = np.isin(pairs.truth, matched[matched >= 0])
    own_iou, own = _best(pairs, same, len(used))
    other_iou, other = _best(pairs, ~same, len(used))
    taken_iou, held = _best(pairs, same & taken, len(used))
    any_iou, _ = _best(pairs, np.ones_like(same), len(used))
    choices = [
        (matched >= 0, RIGHT, matched),
        ((background <= own_iou) & (own_iou <= iou), LOC, own),
        (other_iou >= iou, CLS, other),
        (taken_iou >= iou, DUPE, held),
        (any_iou <= background, BKG, np.full(len(used), -1)),
    ]
    cases = [case for case, _, _ in choices]
    kind = np.select(cases, [kind for _, kind, _ in choices], BOTH)
    return kind.astype(np.int8), np.select(cases, [truth for _, _, truth in choices], -1)


def _best(pairs: CandidatePairs, chosen: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The highest IoU of each detection among the chosen pairs (0 without), and its object."""
    iou, truth = np.zeros(count), np.full(count, -1)
    places = np.flatnonzero(chosen)
    best = places[np.flatnonzero(np.diff(pairs.detection[places], append=-1))]
    iou[pairs.detection[best]] = pairs.iou[best]
    truth[pairs.detection[best]] = pairs.truth[best]
    return iou, truth


def _best_errors(
    kind: np.ndarray, truth: np.ndarray, found: np.ndarray, by_score: np.ndarray
) -> np.ndarray:
    """(N,) bool: of the "Cls" and "Loc" errors on each object not found, the best by score."""
    errors = by_score[np.isin(kind[by_score], (CLS, LOC))]
    errors = errors[~found[truth[errors]]]
    _, first = np.unique(truth[errors], return_index=True)
    mends = np.zeros(len(kind), bool)
    mends[errors[first]] = True
    return mends


def _average_precision(places: np.ndarray, truths: int) -> float:
    """AP of one ranking from the ranks of its true positives; 0 without objects."""
    if not truths:
        return 0.0
    needed = np.searchsorted(np.arange(1, len(places) + 1) / truths, _LEVELS)
    return float(envelope(places)[needed[needed < len(places)]].sum() / len(_LEVELS))
