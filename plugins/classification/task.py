"""The base class of classification tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.interfaces import (
    Batch,
    CrossCheck,
    DataInfo,
    Model,
    Outcome,
    SourcePrediction,
    Split,
    Splits,
    Task,
)
from nntasks.interfaces.report_data import Figure, Table
from nntasks.interfaces.yardsticks import Yardsticks
from nntasks.pictures.byte_range import as_bytes
from nntasks.pictures.files import SUFFIXES, read_image
from nntasks.plugins.classification import report
from nntasks.plugins.classification.splits import LabelledPictures, whole

LISTED = 5  # classes listed per picture


class ClassifierTask(Task):
    """A task whose samples have one class each.

    Its models predict probabilities (K,) for every sample. `predict` and `explain` need a model
    with the attribute `info`, the description of its data.
    """

    headline = ("accuracy", "f1_macro", "nll")
    source_suffixes = SUFFIXES

    def splits_of(self, inputs: Any, targets: Any, classes: Sequence[str]) -> Splits:
        """Return labelled pictures (N, H, W) or (N, H, W, C): bytes, or floats in 0..1."""
        pictures = np.asarray(inputs)
        if pictures.ndim not in (3, 4):
            raise UsageError(
                f"task {self.context.task!r} reads pictures: expected (N, H, W) or (N, H, W, C), "
                f"got {pictures.shape}; picture_shape=(H, W) gives rows a shape"
            )
        pictures = as_bytes(pictures, "pictures").reshape(*pictures.shape[:3], -1)
        return whole(LabelledPictures(pictures, targets), classes, pictures.shape[1:])

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return a row for every test sample, worst first."""
        metric = report.metric_of(outcome)
        return report.items(metric.table, metric.names) if metric else []

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Return pairs of values that must agree."""
        metric = report.metric_of(outcome)
        return report.cross_checks(metric.table, outcome.values) if metric else []

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return the metrics of each class."""
        metric = report.metric_of(outcome)
        return [report.class_table(metric.table, metric.names)] if metric else []

    def yardsticks(self, outcome: Outcome) -> Yardsticks:
        """Return the share of the commonest class, recall by class and the mistakes' confidence."""
        metric = report.metric_of(outcome)
        return report.yardsticks(metric.table, metric.names) if metric else Yardsticks()

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield confusions, mistakes and calibration."""
        metric = report.metric_of(outcome)
        if metric:
            yield from report.figures(metric.table, metric.names, pictures_of(outcome.split))

    def predict_sources(self, model: Model, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Classify picture files, scaled to the size of the training pictures."""
        from PIL import Image

        info = info_of(model)
        for path in paths:
            try:
                picture = read_like(path, info)
            except UsageError as error:
                yield SourcePrediction([], problem=str(error))
                continue
            (shares,) = model.predict(Batch(picture[None], None, [path.name]))
            records = [
                {"rank": rank + 1, "class": name, "probability": share}
                for rank, (name, share) in enumerate(likeliest(shares, info.classes).items())
            ]
            shown = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
            yield SourcePrediction(records, shown)


def info_of(model: Model) -> DataInfo:
    """Return the description of the data of a model.

    Raises:
        UsageError: the model has none, or its data are not pictures.
    """
    info = getattr(model, "info", None)
    if info is None or len(info.input_shape) != 3:
        raise UsageError("expected a model of pictures, got one of other data")
    return info


def read_like(path: Path, info: DataInfo) -> np.ndarray:
    """Read a picture file as (H, W, C) uint8 of the size and colours of the data."""
    height, width, channels = info.input_shape
    return np.array(read_image(path, "grey" if channels == 1 else "rgb", (height, width)))


def likeliest(shares: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Return the most probable classes with their probabilities, highest first."""
    order = np.argsort(-shares, kind="stable")[:LISTED]
    return {classes[i]: float(shares[i]) for i in order}


def pictures_of(split: Split) -> dict[int | str, np.ndarray] | None:
    """Return the pictures (H, W, C) uint8 of a split by id; None for other samples."""
    batch = split.batch(range(len(split)))
    return dict(zip(batch.ids, batch.inputs, strict=True)) if batch.inputs.ndim == 4 else None
