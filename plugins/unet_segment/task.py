"""The task `unet_segment`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import CrossCheck, DataInfo, Outcome, SourcePrediction, Splits, Task
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.pictures.files import SUFFIXES
from nntasks.plugins.unet_segment.augmentation import changes
from nntasks.plugins.unet_segment.config import UnetConfig
from nntasks.plugins.unet_segment.evaluation.counts import BINS
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.explanation.options import ExplainOptions
from nntasks.plugins.unet_segment.samples import Sample, samples_of
from nntasks.plugins.unet_segment.splits import Change, MaskedPictures


class UnetSegment(Task):
    """U-Net segmentation of an object and its background.

    By default a small network is trained on generated scenes. Try `loss=dice`, `residual=false`,
    `attention=yes`, `data=pets image_size=128`, or your own pictures with `data=mask_folders
    data.images=FOLDER data.masks=FOLDER`.
    """

    Config = UnetConfig
    ExplainOptions = ExplainOptions
    headline = ("dice", "iou", "boundary_iou")
    source_suffixes = SUFFIXES
    thumbnails_caption = (
        "Left: predicted overlay. Right: green true positives, orange false positives, blue false "
        "negatives; grey is not counted."
    )

    config: UnetConfig

    def splits_of(self, inputs: Any, targets: Any, classes: Sequence[str]) -> Splits:
        """Return pictures with masks of 0, 1 and 255 (not counted), all (N, H, W).

        Pictures may be (N, H, W, 3) too: bytes, or floats in 0..1.
        """
        samples, shape = samples_of(np.asarray(inputs), np.asarray(targets))
        return Splits(samples, samples, samples, DataInfo(("background", "object"), shape))

    def load_data(self) -> Splits:
        """Load the data set and scale its pictures to one size."""
        raw = super().load_data()
        side = self.config.image_size
        if side is None and not raw.info.input_shape:
            raise UsageError(
                f"data={self.config.data}: its pictures have several sizes; scale them with "
                "image_size=128"
            )
        height, width = (side, side) if side else raw.info.input_shape[:2]
        size = height, width
        change = changes(self.config.augment, *size)
        return Splits(
            self._fitted(raw.train, size, change),
            self._fitted(raw.validation, size, None),
            self._fitted(raw.test, size, None),
            type(raw.info)(raw.info.classes, (*size, 3)),
        )

    def _fitted(
        self, samples: Sequence[Sample], size: tuple[int, int], change: Change | None
    ) -> MaskedPictures:
        return MaskedPictures(samples, size, change, self.context.seeds)

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return a row per picture, lowest Dice first."""
        from nntasks.plugins.unet_segment.report import items

        metric = _segmentation_metric(outcome)
        return items(metric.table) if metric else []

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Compare the counts with each other, and Dice with IoU."""
        metric = _segmentation_metric(outcome)
        if metric is None:
            return []
        table, values = metric.table, outcome.values
        on, beside = table.hits + table.misses, table.false_alarms + table.rejections
        checks = [
            CrossCheck(
                "object pixels, by counts and by probability",
                float(on.sum()),
                float(table.on.sum()),
            ),
            CrossCheck(
                "background pixels, by counts and by probability",
                float(beside.sum()),
                float(table.beside.sum()),
            ),
        ]
        if not np.isnan(values["iou"]):
            checks.append(
                CrossCheck(
                    "Dice and 2 IoU / (1 + IoU)",
                    values["dice"],
                    2 * values["iou"] / (1 + values["iou"]),
                    1e-12,
                )
            )
        if (metric.threshold * BINS).is_integer():
            called = table.on[:, round(metric.threshold * BINS) :].sum()
            checks.append(
                CrossCheck(
                    "hits, by counts and by probability", float(table.hits.sum()), float(called)
                )
            )
        return checks

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return IoU and Dice by convention."""
        from nntasks.plugins.unet_segment.evaluation.conventions import conventions

        metric = _segmentation_metric(outcome)
        return [conventions(metric.table)] if metric else []

    def yardsticks(self, outcome: Outcome) -> Yardsticks:
        """Return the Dice of an all-object mask, and the threshold beside the best one."""
        from nntasks.plugins.unet_segment.report import yardsticks

        metric = _segmentation_metric(outcome)
        return yardsticks(metric) if metric else Yardsticks()

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield samples, thresholds and calibration."""
        from nntasks.plugins.unet_segment.report import figures

        metric = _segmentation_metric(outcome)
        if metric:
            yield from figures(metric, outcome)

    def thumbnails(self, outcome: Outcome) -> Iterator[tuple[Any, Any]]:
        """Yield a thumbnail of each sample with its prediction and errors."""
        from nntasks.plugins.unet_segment.report import thumbnails

        metric = _segmentation_metric(outcome)
        if metric:
            yield from thumbnails(metric, outcome)

    def browser(self, outcome: Outcome) -> ImageBrowser | None:
        """Return the test pictures with the outlines of masks and predictions."""
        from nntasks.plugins.unet_segment.image_browser import browser

        metric = _segmentation_metric(outcome)
        return browser(metric, outcome) if metric else None

    def predict_sources(self, model: Any, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Segment picture files."""
        from nntasks.plugins.unet_segment.prediction import predict_files

        return predict_files(model, self.config, paths)

    def explain(self, model: Any, source: str, options: Any) -> Any:
        """Explain the prediction of one pixel of a picture file or a test picture."""
        from nntasks.plugins.unet_segment.explanation.explain import explain_pixel
        from nntasks.plugins.unet_segment.model import UnetModel

        if not isinstance(model, UnetModel):
            raise UsageError("explain needs a model that is a UnetModel")
        return explain_pixel(model, self.config, source, options, self.load_data)

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "3e-4:3e-2:log",
            "weight_decay": "1e-5:1e-1:log",
            "width": "8,16,32",
            "depth": "2:4",
            "loss": "bce,dice,bce_dice",
        }


def _segmentation_metric(outcome: Outcome) -> SegmentationMetric | None:
    found = [m for m in outcome.metrics.values() if isinstance(m, SegmentationMetric)]
    return found[0] if found else None
