"""The detection metric: accepts images in any order, computes all detection metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import CrossCheck, Metric
from nntasks.plugins.yolo_detect.evaluation.checks import cross_checks
from nntasks.plugins.yolo_detect.evaluation.coco import CocoNumbers, coco_numbers, recall_counts
from nntasks.plugins.yolo_detect.evaluation.comparison import (
    CONVENTIONS,
    ConventionRow,
    compare_conventions,
    weighted_conventions,
)
from nntasks.plugins.yolo_detect.evaluation.confusion import confusion_matrix
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.curves import (
    ConfidenceCounts,
    confidence_counts,
    weighted_best_f1,
)
from nntasks.plugins.yolo_detect.evaluation.hits import RankedHits, ranked_hits
from nntasks.plugins.yolo_detect.evaluation.images import image_rows
from nntasks.plugins.yolo_detect.evaluation.intervals import intervals
from nntasks.plugins.yolo_detect.evaluation.matches import AREAS, MatchTable, match_table
from nntasks.plugins.yolo_detect.evaluation.records import FlatRecords, ImageId, Records
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint
from nntasks.plugins.yolo_detect.evaluation.tide import DetectionErrors, detection_errors
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


@dataclass(frozen=True)
class _Results:
    table: MatchTable
    hits: RankedHits
    coco: CocoNumbers
    conventions: list[ConventionRow]


class DetectionMetric(Metric):
    """COCO, VOC and YOLOv5 mAP, precision, recall and F1, all from one table of matches.

    The state is the list of images. They are sorted by id before anything is computed, so order of
    updates, batch size and number of processes do not change a bit. Undefined values, such as the
    mAP of small objects without any, are NaN.

    Args:
        class_names: names by label.
        confidence: the lowest score of a detection for precision, recall, F1, the confusion matrix
            and the rows per image; in 0..1. mAP and average recall take every detection.
        iou_threshold: the lowest IoU of a match for the same metrics; above 0, at most 1.
        max_detections: counted detections per image and class in COCO's metrics.
        most: the same for precision, recall, F1, the confusion matrix and the rows per image; at
            least `max_detections`, its default. Other conventions of mAP have their own limits.
    """

    def __init__(
        self,
        class_names: Sequence[str],
        *,
        confidence: float = 0.25,
        iou_threshold: float = 0.5,
        max_detections: int = 100,
        most: int = 0,
    ) -> None:
        if not class_names:
            raise UsageError("expected class names, got none; name at least one class")
        if not 0 <= confidence <= 1:
            raise UsageError(f"expected confidence in 0..1, got {confidence}; choose e.g. 0.25")
        if not 0 < iou_threshold <= 1:
            raise UsageError(
                f"expected iou_threshold above 0, at most 1, got {iou_threshold}; choose e.g. 0.5"
            )
        if max_detections < 1:
            raise UsageError(f"expected max_detections >= 1, got {max_detections}; COCO takes 100")
        self.class_names = tuple(class_names)
        self.confidence = float(confidence)
        self.iou_threshold = float(iou_threshold)
        self.max_detections = int(max_detections)
        self.most = max(int(most), self.max_detections)
        self.reset()

    def reset(self) -> None:
        """Forget all images."""
        self._records = Records(len(self.class_names))
        self._results: _Results | None = None

    def fresh(self) -> DetectionMetric:
        """Return an empty metric with the same settings."""
        return DetectionMetric(
            self.class_names,
            confidence=self.confidence,
            iou_threshold=self.iou_threshold,
            max_detections=self.max_detections,
            most=self.most,
        )

    def update(
        self,
        predictions: Sequence[Detections],
        targets: Sequence[GroundTruth],
        ids: Sequence[ImageId],
    ) -> None:
        """Add one batch of images.

        Raises:
            UsageError: malformed boxes, scores or labels, or an image that was added before with
                other content. Then nothing of the batch is added.
        """
        self._records.add(predictions, targets, ids)
        self._results = None

    def merge(self, other: Any) -> None:
        """Add all images of another `DetectionMetric` with the same settings."""
        if not isinstance(other, DetectionMetric) or self._settings() != other._settings():
            raise UsageError(
                "expected a DetectionMetric with the same classes and settings, got "
                f"{_describe(other)}; merge only metrics made by fresh() of one another"
            )
        self._records.merge(other._records)
        self._results = None

    def table(self) -> MatchTable:
        """Return the table of matches behind all metrics."""
        return self._all().table

    def records(self) -> FlatRecords:
        """Return all images, detections and objects, by image id."""
        return self._records.flat()

    def errors(self) -> DetectionErrors:
        """Return the kind of every error at IoU 0.5, as TIDE counts them."""
        return detection_errors(self.records())

    def hits(self) -> RankedHits:
        """Return the ranks of the true positives, for precision-recall curves."""
        return self._all().hits

    def coco(self) -> CocoNumbers:
        """Return COCO precision and recall by area, IoU threshold and class."""
        return self._all().coco

    def conventions(self) -> list[ConventionRow]:
        """Return mAP under each convention."""
        return self._all().conventions

    def curves(self) -> ConfidenceCounts:
        """Return the counts at each confidence 0, 0.001, ..., 1."""
        return confidence_counts(self.table(), self.iou_threshold)

    def confusion_matrix(self) -> np.ndarray:
        """Return (C + 1, C + 1) int64; see `confusion.confusion_matrix`."""
        return confusion_matrix(self.table(), self.iou_threshold, self.confidence)

    def image_rows(self) -> list[dict[str, Any]]:
        """Return one row per image, by image id: counts and F1 at the confidence threshold."""
        return [
            asdict(row) for row in image_rows(self.table(), self.iou_threshold, self.confidence)
        ]

    def crowded(self) -> int:
        """Return the number of images with more objects than the detection limits allow."""
        table = self.table()
        counted = ~table.truths.crowd
        image, label = table.truths.image[counted], table.truths.label[counted]
        cells = np.bincount(image * len(self.class_names) + label, minlength=1)
        many = np.flatnonzero(cells > self.max_detections) // len(self.class_names)
        return len(set(many) | set(np.flatnonzero(np.bincount(image, minlength=1) > self.most)))

    def per_class(self) -> list[dict[str, Any]]:
        """Return one row per class: objects, AP, and precision, recall, F1 at the confidence."""
        counts = self._operating_point()
        columns = {
            "objects": counts.truths,
            "map50_95": self.coco().per_class(),
            "map50": self.coco().precision[0, 0],
            "precision": counts.precision()[:, 0],
            "recall": counts.recall()[:, 0],
            "f1": counts.f1()[:, 0],
        }
        return [
            {"class": name} | {key: values[label].item() for key, values in columns.items()}
            for label, name in enumerate(self.class_names)
        ]

    def cross_checks(self) -> list[CrossCheck]:
        """Return pairs of values that must agree exactly."""
        point = (self.iou_threshold, self.confidence, self.coco().summary()["map50"])
        return cross_checks(self.table(), *point, self.max_detections)

    def compute(self) -> dict[str, float]:
        """Return all metrics; `definitions` explains them."""
        numbers = self.coco().summary()
        for convention, row in zip(CONVENTIONS[1:], self.conventions()[1:], strict=True):
            numbers[f"map50_{convention.key}"] = row.map50
            numbers[f"map50_95_{convention.key}"] = row.map50_95
        counts = self._operating_point()
        numbers |= {name: float(curve[0]) for name, curve in counts.micro().items()}
        numbers |= {f"{name}_macro": float(curve[0]) for name, curve in counts.macro().items()}
        numbers["best_f1"], numbers["best_f1_confidence"] = self.curves().best_f1()
        numbers["images"] = float(len(self._records))
        numbers["objects"] = float(counts.truths.sum())
        return numbers

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return BCa intervals by the bootstrap over images; see `intervals.intervals`."""
        conventions = weighted_conventions(Problem.of(self.class_names, self.records()))
        more = (conventions, weighted_best_f1(self.table(), self.iou_threshold))
        found = intervals(self.table(), self._point(), more=more)
        return {name: (low, high) for name, (_, low, high) in found.numbers.items()}

    def definitions(self) -> dict[str, str]:
        """Return one sentence per metric of `compute`."""
        coco = f"on COCO matches of at most {self.max_detections} detections per image and class"
        texts = {
            "map50_95": "COCO AP: mean, over the recalls 0, 0.01, ..., 1, of the highest precision "
            "at that recall or above; then the mean over the IoU "
            f"thresholds 0.50:0.05:0.95 and the classes with objects, {coco}.",
            "map50": "As map50_95, at IoU 0.5 only.",
            "map75": "As map50_95, at IoU 0.75 only.",
        }
        sizes = {
            "small": "at most 32 x 32 square pixels",
            "medium": "32 x 32 to 96 x 96 square pixels",
            "large": "96 x 96 square pixels or more",
        }
        for name in AREAS[1:]:
            texts[f"map_{name}"] = (
                f"As map50_95, for objects of {sizes[name]}; other objects, and unmatched "
                "detections of other sizes, are ignored."
            )
        for count in recall_counts(self.max_detections):
            texts[f"ar{count}"] = (
                f"COCO AR: share of the objects found by the best {count} detections per image "
                "and class, mean over the IoU thresholds 0.50:0.05:0.95 and the classes with "
                "objects."
            )
        for name in AREAS[1:]:
            texts[f"ar_{name}"] = f"As ar{self.max_detections}, for objects of {sizes[name]}."
        for convention in CONVENTIONS[1:]:
            body = f"by the rules of {convention.name}: {convention.definition}."
            texts[f"map50_{convention.key}"] = f"mAP at IoU 0.5 {body}"
            texts[f"map50_95_{convention.key}"] = f"mAP over IoU 0.50:0.05:0.95 {body}"
        point = f"at confidence >= {self.confidence:g} and IoU >= {self.iou_threshold:g}"
        texts |= {
            "precision": f"True positives / detections, all classes together, {point}.",
            "recall": f"True positives / objects, all classes together, {point}.",
            "f1": f"2 true positives / (detections + objects), all classes together, {point}.",
            "precision_macro": f"Mean over the classes with objects and detections of their "
            f"precision, {point}.",
            "recall_macro": f"Mean over the classes with objects of their recall, {point}.",
            "f1_macro": f"Mean over the classes with objects of their F1, {point}.",
            "best_f1": "The highest f1_macro over the confidences 0, 0.001, ..., 1, at IoU >= "
            f"{self.iou_threshold:g}.",
            "best_f1_confidence": "The lowest of the confidences 0, 0.001, ..., 1 that gives "
            "best_f1.",
            "images": "Number of images evaluated.",
            "objects": "Number of true objects, crowd regions left out.",
        }
        return texts

    def _operating_point(self) -> ConfidenceCounts:
        return confidence_counts(self.table(), self.iou_threshold, np.array([self.confidence]))

    def _point(self) -> OperatingPoint:
        return OperatingPoint(self.iou_threshold, self.confidence, self.max_detections)

    def _settings(self) -> tuple[Any, ...]:
        most = (self.max_detections, self.most)
        return self.class_names, self.confidence, self.iou_threshold, *most

    def _all(self) -> _Results:
        if self._results is None:
            records = self._records.flat()
            table = match_table(
                records,
                self.class_names,
                max_detections=self.most,
                extra_thresholds=(self.iou_threshold,),
            )
            hits = ranked_hits(table)
            best = table.best(self.max_detections)
            coco = coco_numbers(
                best, hits if len(best.detections) == len(table.detections) else None
            )
            conventions = compare_conventions(Problem.of(self.class_names, records), coco)
            self._results = _Results(table, hits, coco, conventions)
        return self._results


def _describe(other: Any) -> str:
    if isinstance(other, DetectionMetric):
        return f"one with {len(other.class_names)} classes and settings {other._settings()[1:]}"
    return type(other).__name__
