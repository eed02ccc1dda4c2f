"""True positives, false positives and false negatives at one IoU threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nntasks.api.result import Result
from nntasks.api.rows import Rows
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.by_hand.boxes import Boxes
from nntasks.plugins.yolo_detect.by_hand.precision_recall import PrecisionRecall, precision_recall
from nntasks.plugins.yolo_detect.evaluation.curves import ConfidenceCounts, confidence_counts
from nntasks.plugins.yolo_detect.evaluation.matches import MatchTable, match_table
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.overlap import pair_iou
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords, Records
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


@dataclass(frozen=True, repr=False)
class Matches:
    """Detections and true objects, matched by COCO's rule at one IoU threshold.

    A detection is a true positive ("TP") if it matches an object of its class, a false positive
    ("FP") if it matches none, and "ignored" if it matches a crowd region. An object that no
    detection matches is a false negative ("FN"). Detections are matched by descending score, each
    with the free object it overlaps most.

    Attributes:
        table: the table of matches behind all numbers of the metric `detection`.
        iou: the IoU threshold.
        confidence: detections with lower scores are left out of counts and rows.
    """

    table: MatchTable
    iou: float
    confidence: float

    @cached_property
    def counts(self) -> dict[str, int]:
        """The numbers of true positives, false positives and false negatives."""
        found = confidence_counts(self.table, self.iou, np.array([self.confidence]))
        right = int(found.right.sum())
        wrong = int(found.detections.sum()) - right
        return {"TP": right, "FP": wrong, "FN": int(found.truths.sum()) - right}

    @property
    def precision(self) -> float:
        """TP / (TP + FP); NaN without detections."""
        return self._micro["precision"]

    @property
    def recall(self) -> float:
        """TP / (TP + FN); NaN without objects."""
        return self._micro["recall"]

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN)."""
        return self._micro["f1"]

    @cached_property
    def _micro(self) -> dict[str, float]:
        found = confidence_counts(self.table, self.iou, np.array([self.confidence]))
        return {name: float(curve[0]) for name, curve in found.micro().items()}

    @cached_property
    def by_confidence(self) -> ConfidenceCounts:
        """Counts at the confidences 0, 0.001, ..., 1, with precision, recall and F1 as arrays."""
        return confidence_counts(self.table, self.iou)

    @cached_property
    def detections(self) -> Rows:
        """One row per detection, by class and descending score; `truth` is a row of `truths`."""
        found, truths = self.table.detections, self.table.truths
        rows = []
        for index in self._shown:
            truth = int(self._matched[index])
            rows.append(
                {
                    "image": self.table.image_ids[found.image[index]],
                    "class": self.table.class_names[found.label[index]],
                    "score": float(found.score[index]),
                    "result": self._result(index),
                    "truth": None if truth < 0 else truth,
                    "iou": None if truth < 0 else _overlap(found.box[index], truths, truth),
                }
            )
        return Rows(rows, f"Detections at IoU {self.iou:g}")

    @cached_property
    def truths(self) -> Rows:
        """One row per true object, by image and class, with "found", "FN" or "ignored"."""
        truths = self.table.truths
        found = {int(self._matched[index]) for index in self._shown}
        rows = []
        for number in range(len(truths)):
            missed = "ignored" if truths.ignored[number, 0] else "FN"
            rows.append(
                {
                    "truth": number,
                    "image": self.table.image_ids[truths.image[number]],
                    "class": self.table.class_names[truths.label[number]],
                    "result": "found" if number in found and missed == "FN" else missed,
                    **_corners(truths.box[number]),
                }
            )
        return Rows(rows, f"True objects at IoU {self.iou:g}")

    def curve(self, class_name: str) -> PrecisionRecall:
        """Return the precision-recall curve of a class; the confidence does not limit it.

        Raises:
            UsageError: there is no such class.
        """
        names = self.table.class_names
        if class_name not in names:
            raise UsageError(f"expected one of {', '.join(names)}, got {class_name!r}")
        label = names.index(class_name)
        counted = (self.table.detections.label == label) & ~self.table.ignored(self._threshold)
        truths = int(self.table.counted_truths()[label])
        hits = self._matched[counted] >= 0
        return precision_recall(self.table.detections.score[counted], hits, truths)

    def mean_average_precision(self, rule: str = "coco") -> float:
        """Return the mean of the classes' average precision; NaN without objects.

        Classes without objects are left out. The rules are those of
        `PrecisionRecall.average_precision`.
        """
        found = [self.curve(name).average_precision(rule) for name in self.table.class_names]
        defined = [value for value in found if not np.isnan(value)]
        return float(np.mean(defined)) if defined else float("nan")

    @property
    def _threshold(self) -> int:
        return self.table.threshold_index(self.iou)

    @cached_property
    def _matched(self) -> np.ndarray:
        return self.table.matched(self._threshold)

    @cached_property
    def _shown(self) -> list[int]:
        found: list[int] = np.flatnonzero(self.table.detections.score >= self.confidence).tolist()
        return found

    @cached_property
    def _ignored(self) -> np.ndarray:
        return self.table.ignored(self._threshold)

    def _result(self, index: int) -> str:
        if self._ignored[index]:
            return "ignored"
        return "TP" if self._matched[index] >= 0 else "FP"

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        return f"<Matches at IoU {self.iou:g}: {counts}>"

    def _repr_html_(self) -> str:
        return self.detections._repr_html_()


def match_boxes(
    found: Result | Detections | Sequence[Detections],
    truth: GroundTruth | Sequence[GroundTruth] | None = None,
    *,
    iou: float = 0.5,
    confidence: float = 0.0,
    class_names: Sequence[str] = (),
    max_detections: int = 100,
) -> Matches:
    """Match detections with true objects.

    Args:
        found: the detections of a picture or of several; or a run, for those of its test split.
        truth: the objects of each picture; none for a run.
        iou: the smallest IoU of a match, above 0, at most 1.
        confidence: the lowest score that counts, in 0..1.
        class_names: by label; those of `Boxes` by default, else numbers.
        max_detections: per picture and class, the highest scores; a run has its own.

    Raises:
        UsageError: wrong boxes, or different numbers of pictures.
    """
    if not 0 < iou <= 1:
        raise UsageError(f"iou: expected a number above 0, at most 1, got {iou}")
    if isinstance(found, Result):
        records, names, max_detections = _of_run(found)
    else:
        if truth is None:
            raise UsageError("truth: expected the true objects of each picture, got none")
        pictures = [found] if isinstance(found, Detections) else list(found)
        objects = [truth] if isinstance(truth, GroundTruth) else list(truth)
        names = tuple(class_names) or _names(pictures, objects)
        kept = Records(len(names))
        kept.add(pictures, objects, range(len(pictures)))
        records = kept.flat()
    table = match_table(
        records, names, max_detections=max_detections, extra_thresholds=(float(iou),)
    )
    return Matches(table, float(iou), float(confidence))


def _of_run(run: Result) -> tuple[FlatRecords, tuple[str, ...], int]:
    for metric in run.outcome.metrics.values():
        if isinstance(metric, DetectionMetric):
            return metric.records(), metric.class_names, metric.max_detections
    raise UsageError(f"expected a run of yolo_detect, got one of {run.summary['task']}")


def _names(pictures: Sequence[Detections], objects: Sequence[GroundTruth]) -> tuple[str, ...]:
    for one in pictures:
        if isinstance(one, Boxes) and one.class_names:
            return one.class_names
    labels = [one.labels for one in pictures] + [one.labels for one in objects]
    largest = max((int(part.max(initial=0)) for part in labels), default=0)
    return tuple(map(str, range(largest + 1)))


def _overlap(box: np.ndarray, truths: Any, number: int) -> float:
    one = slice(number, number + 1)
    return float(pair_iou(box[None], truths.box[one], truths.crowd[one])[0])


def _corners(box: np.ndarray) -> dict[str, float]:
    x, y, width, height = map(float, box)
    return {"x1": x, "y1": y, "x2": x + width, "y2": y + height}
