"""The task: what a network in NumPy adds to a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UsageError
from core.interfaces import (
    CrossCheck,
    DataInfo,
    GradientCheck,
    Model,
    Outcome,
    SourcePrediction,
    Split,
    Task,
)
from core.report.content import Figure, Table
from plugins.classification import report as shared
from plugins.classification.data.folders import SUFFIXES, read_picture
from plugins.classification.splits import LabelledPictures
from plugins.numpy_mlp import report
from plugins.numpy_mlp.config import NumpyConfig
from plugins.numpy_mlp.gradients import check_network
from plugins.numpy_mlp.model import NumpyModel

CHECKED = 8  # samples in a gradient check


class NumpyMlp(Task):
    """A neural network in pure NumPy: forward and backward pass by hand, and how it learns.

    By default linear layers are trained on 8 x 8 digits. Try `data=mnist`, `data=xor`,
    `model=lenet`; and `init=zeros`, or `activation=sigmoid batch_norm=no layers=64,64,64,64,64`, to
    watch gradients vanish.
    """

    Config = NumpyConfig
    headline = ("accuracy", "f1_macro", "nll")
    source_suffixes = SUFFIXES

    config: NumpyConfig

    def load_model(self, weights: Path, info: DataInfo | None) -> Model:
        """Load weights of a run."""
        return self.context.load_model(self, weights, info)

    def items(self, outcome: Outcome) -> list[dict[str, Any]]:
        """Return a row for every test sample, worst first."""
        table = shared.predictions_of(outcome)
        return [] if table is None else shared.items(table, _classes(outcome))

    def cross_checks(self, outcome: Outcome) -> Iterable[CrossCheck]:
        """Return numbers that must agree."""
        table = shared.predictions_of(outcome)
        return [] if table is None else shared.cross_checks(table, outcome.values)

    def tables(self, outcome: Outcome) -> Iterable[Table]:
        """Return the numbers of each class."""
        table = shared.predictions_of(outcome)
        return [] if table is None else [shared.class_table(table, _classes(outcome))]

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield mistakes, calibration, weights and what flows through the layers."""
        model = outcome.model
        assert isinstance(model, NumpyModel)
        table = shared.predictions_of(outcome)
        if table is not None:
            yield from shared.figures(table, _classes(outcome), _pictures(outcome.split))
        yield from report.figures(model, outcome.split)

    def predict_sources(self, model: Model, paths: Sequence[Path]) -> Iterator[SourcePrediction]:
        """Classify picture files, scaled to the size that the network was trained on."""
        assert isinstance(model, NumpyModel)
        if len(model.info.input_shape) != 3:
            raise UsageError("expected a model of pictures, got one of points")
        height, _, channels = model.info.input_shape
        for path in paths:
            try:
                picture = read_picture(path, height, "grey" if channels == 1 else "rgb")
            except UsageError as error:
                yield SourcePrediction([], problem=str(error))
                continue
            yield report.prediction(model, picture, path)

    def check_gradients(self) -> Iterator[GradientCheck]:
        """Check every gradient of the configured network in float64, on a few training samples."""
        config = self.config.model_copy(update={"dtype": "float64", "feedback": "backpropagation"})
        task = type(self)(config, self.context)
        splits = task.load_data()
        model = task.build_model(splits.info)
        assert isinstance(model, NumpyModel)
        model.standardise_like(splits.train)
        batch = splits.train.batch(range(CHECKED))
        # Off the kink of ReLU and off equal pixels, where a maximum has no derivative.
        x = model.prepared(batch.inputs)
        x += 0.05 * np.random.default_rng(0).standard_normal(x.shape)
        yield from check_network(model.network, x, batch.targets)

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "1e-4:1e-1:log",
            "weight_decay": "1e-6:1e-2:log",
            "dropout": "0:0.5",
            "layers": "64:128:128,64:256,128",
            "optimizer": "sgd,adam",
        }


def _classes(outcome: Outcome) -> tuple[str, ...]:
    model = outcome.model
    assert isinstance(model, NumpyModel)
    return model.info.classes


def _pictures(split: Split) -> dict[int | str, np.ndarray] | None:
    if not isinstance(split, LabelledPictures):
        return None
    return dict(zip(split.ids, split.pictures, strict=True))
