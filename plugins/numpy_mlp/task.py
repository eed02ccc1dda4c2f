"""The task `numpy_mlp`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.interfaces import GradientCheck, Model, Outcome, Splits
from nntasks.interfaces.report_data import Figure
from nntasks.plugins.classification.explanation import ExplainOptions, explain_sum
from nntasks.plugins.classification.splits import whole
from nntasks.plugins.classification.task import ClassifierTask, info_of, read_like
from nntasks.plugins.numpy_mlp import report
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.gradients import check_gradients
from nntasks.plugins.numpy_mlp.layers.base import Context
from nntasks.plugins.numpy_mlp.model import NumpyModel
from nntasks.plugins.numpy_mlp.xor import Points

CHECKED = 8  # samples in a gradient check


class NumpyMlp(ClassifierTask):
    """A neural network in pure NumPy, with a handwritten forward and backward pass.

    By default a multilayer perceptron is trained on 8 x 8 digits. Try `data=mnist`, `data=xor` or
    `model=lenet`. To watch gradients vanish, try `init=zeros`, or
    `activation=sigmoid batch_norm=no hidden_sizes=64,64,64,64,64`.
    """

    Config = NumpyConfig
    ExplainOptions = ExplainOptions

    config: NumpyConfig

    def splits_of(self, inputs: Any, targets: Any, classes: Sequence[str]) -> Splits:
        """Return labelled pictures, or points (N, D) of any numbers."""
        points = np.asarray(inputs)
        if points.ndim != 2:
            return super().splits_of(inputs, targets, classes)
        if points.dtype.kind != "f":
            points = points.astype(np.float64)
        return whole(Points(points, targets), classes, points.shape[1:])

    def figures(self, outcome: Outcome) -> Iterator[Figure]:
        """Yield mistakes, calibration, weights, activations and gradients."""
        yield from super().figures(outcome)
        if isinstance(outcome.model, NumpyModel):
            yield from report.figures(outcome.model, outcome.split)

    def explain(self, model: Model, source: str, options: Any) -> Any:
        """Explain the probability of a class by the terms of the last layer."""
        assert isinstance(model, NumpyModel)
        picture = read_like(Path(source), info_of(model))
        x = model.prepared(picture[None])
        *before, (_, last) = model.network.layers
        for _, layer in before:
            x = layer.forward(x, Context())
        weight, bias = last.parameters["weight"].T, last.parameters["bias"]
        return explain_sum(source, model.info.classes, options.label, x[0], weight, bias)

    def check_gradients(self) -> Iterator[GradientCheck]:
        """Check every gradient of the configured network in float64, on a few training samples."""
        config = self.config.model_copy(update={"dtype": "float64", "feedback": "backpropagation"})
        task = self.configured(config)
        splits = task.load_data()
        model = task.build_model(splits.info)
        assert isinstance(model, NumpyModel)
        model.standardise_like(splits.train)
        batch = splits.train.batch(range(CHECKED))
        # Noise avoids the kink of ReLU and equal pixels, where a maximum has no derivative.
        x = model.prepared(batch.inputs)
        x += 0.05 * np.random.default_rng(0).standard_normal(x.shape)
        yield from check_gradients(model.network, x, batch.targets)

    def search_space(self) -> dict[str, str]:
        """Return the keys worth tuning."""
        return {
            "lr": "1e-4:1e-1:log",
            "weight_decay": "1e-6:1e-2:log",
            "dropout": "0:0.5",
            "hidden_sizes": "64:128:128,64:256,128",
            "optimizer": "sgd,adam",
        }
