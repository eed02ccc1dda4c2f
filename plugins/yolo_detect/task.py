"""The task `yolo_detect`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from nntasks.config import Options
from nntasks.context import read_description
from nntasks.errors import UsageError
from nntasks.interfaces import CrossCheck, DataInfo, Outcome, SourcePrediction, Splits, Task
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.pictures.files import SUFFIXES
from nntasks.plugins.yolo_detect.config import YoloConfig
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.model import YoloModel, image_size
from nntasks.plugins.yolo_detect.network import YoloV5
from nntasks.plugins.yolo_detect.samples import Sample
from nntasks.plugins.yolo_detect.training.augmentation import Augmentation
from nntasks.plugins.yolo_detect.training.splits import DetectionSplit


class ExplainOptions(Options):
    """Options of `explain`: a row of the raw output, or a final box."""

    row: int | None = Field(None, ge=0, description="row of the decoded output, from 0")
    box: int | None = Field(None, ge=0, description="final box by rank, from 0")

    @model_validator(mode="after")
    def _one(self) -> ExplainOptions:
        if (self.row is None) == (self.box is None):
            raise ValueError("expected row=NUMBER or box=NUMBER, one of them")
        return self


class YoloDetect(Task):
    """YOLOv5 object detection, from pixels to mAP.

    By default a small network is trained on generated scenes of handwritten digits. Give
    `data=coco128 weights=FILE` to evaluate published weights on real photographs, `pretrained=FILE`
    to fine-tune them, and `data=coco_json` or `data=yolo_folder` for your own images.
    """

    Config = YoloConfig
    headline = ("map50", "map50_95", "precision", "recall")
    source_suffixes = SUFFIXES
    ExplainOptions = ExplainOptions

    config: YoloConfig

    def load_data(self) -> Splits:
        """Load the data set and scale its images to the network's input."""
        raw = super().load_data()
        size = image_size(self.config, raw.info)
        augmentation = Augmentation.of(self.config)

        def fitted(samples: Sequence[Sample]) -> DetectionSplit | None:
            if not samples:
                return None
            return DetectionSplit(samples, size, augmentation, self.context.seeds)

        test = fitted(raw.test)
        if test is None:
            raise UsageError(f"data={self.config.data}: expected test images, found none")
        return Splits(fitted(raw.train), fitted(raw.validation), test, raw.info)

    def load_model(self, weights: Path, info: DataInfo | None) -> YoloModel:
        """Load weights of a run, or public YOLOv5 weights of any size."""
        if read_description(weights) is not None:
            return super().load_model(weights, info)  # type: ignore[return-value]
        from nntasks.plugins.yolo_detect.weights import load_weights, network_for

        loaded = load_weights(weights, self.context.warn)
        if info is not None and len(info.classes) != len(loaded.class_names):
            raise UsageError(
                f"{weights} has {len(loaded.class_names)} classes, but "
                f"data={self.config.data} has {len(info.classes)}; choose the data it was trained "
                f"on, or start training from it with pretrained={weights}"
            )
        self._check_size(weights, loaded.architecture.size)
        info = info or DataInfo(loaded.class_names)
        return self._model(loaded.architecture.size, network_for(loaded), info, trained=True)

    def load_pretrained(self, weights: Path, info: DataInfo) -> YoloModel:
        """Load pretrained weights; a head for other classes keeps its initial weights."""
        from nntasks.plugins.yolo_detect.weights import (
            load_weights,
            network_for,
            network_with_classes,
        )

        loaded = load_weights(weights, self.context.warn)
        size = loaded.architecture.size
        self._check_size(weights, size)
        if loaded.architecture.classes == len(info.classes):
            return self._model(size, network_for(loaded), info, trained=True)
        network = network_with_classes(loaded, len(info.classes), self.context.seeds)
        return self._model(size, network, info, trained=False)

    def _model(self, size: str, network: YoloV5, info: DataInfo, *, trained: bool) -> YoloModel:
        return YoloModel(size, network, self.config, info, self.context.seeds, trained=trained)

    def _check_size(self, weights: Path, size: str) -> None:
        """Refuse a chosen `model=` that differs from the size of the weights."""
        if self.config.model not in (size, YoloConfig.model_fields["model"].default):
            raise UsageError(
                f"{weights} belongs to model={size}, not model={self.config.model}; remove model="
            )

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return one row per image: objects, detections, hits and misses."""
        metric = _detection_metric(outcome)
        return metric.image_rows() if metric else []

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Compare the confusion matrix, the table of matches and mAP."""
        metric = _detection_metric(outcome)
        return metric.cross_checks() if metric else ()

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return mAP under every convention, and results by class."""
        from nntasks.plugins.yolo_detect.report import tables

        metric = _detection_metric(outcome)
        if metric and (crowded := metric.crowded()):
            self.context.warn(
                f"{crowded} images have more than {metric.max_detections} objects of a class, of "
                "which COCO's numbers count no more (coco_detections), or more objects than the "
                f"{self.config.max_detections} boxes that are kept (max_detections)"
            )
        return tables(metric) if metric else ()

    def figures(self, outcome: Outcome) -> Iterable[Figure]:
        """Yield predictions on images, and curves."""
        from nntasks.plugins.yolo_detect.report import figures

        metric = _detection_metric(outcome)
        return figures(metric, outcome) if metric else ()

    def yardsticks(self, outcome: Outcome) -> Yardsticks:
        """Return recall by class, and the confidence threshold beside the best one."""
        from nntasks.plugins.yolo_detect.report import yardsticks

        metric = _detection_metric(outcome)
        return yardsticks(metric) if metric else Yardsticks()

    def browser(self, outcome: Outcome) -> ImageBrowser | None:
        """Return the test images with objects, detections and kinds of errors."""
        from nntasks.plugins.yolo_detect.image_browser import browser

        metric = _detection_metric(outcome)
        return browser(metric, outcome) if metric else None

    def predict_sources(self, model: Any, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Detect objects in image files; draw them."""
        from nntasks.plugins.yolo_detect.inference.prediction import predict_files

        return predict_files(model, self.config, paths)

    def explain(self, model: Any, source: str, options: Any) -> Any:
        """Explain a row of the raw output, or a final box."""
        from nntasks.plugins.yolo_detect.explanation import explain_box, explain_row

        if options.row is not None:
            return explain_row(model, self.config, Path(source), options.row)
        return explain_box(model, self.config, Path(source), options.box)

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "1e-4:1e-1:log",
            "weight_decay": "1e-5:1e-2:log",
            "mosaic": "0:1",
            "scale": "0:0.6",
            "optimizer": "sgd,adamw",
        }


def _detection_metric(outcome: Outcome) -> DetectionMetric | None:
    """Return the detection metric of the run, or None."""
    found = [metric for metric in outcome.metrics.values() if isinstance(metric, DetectionMetric)]
    return found[0] if found else None
