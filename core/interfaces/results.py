"""The results of evaluations, predictions and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nntasks.interfaces.data import Split
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model


@dataclass(frozen=True)
class CrossCheck:
    """Two numbers that must agree because they measure the same quantity in two ways."""

    what: str
    left: float
    right: float
    tolerance: float = 0.0


@dataclass(frozen=True)
class GradientCheck:
    """A gradient compared with central differences.

    Attributes:
        name: the parameter or input.
        error: the largest difference, relative to the largest gradient.
        tolerance: the largest error that passes.
    """

    name: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance; NaN is not."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Outcome:
    """The result of an evaluation, for figures and tables.

    Attributes:
        metrics: the metrics by name, with their state.
        values: all numbers by name.
        split: the split that was evaluated.
        history: the rows of `metrics.jsonl`.
        model: the model.
    """

    metrics: Mapping[str, Metric]
    values: Mapping[str, float]
    split: Split
    history: Sequence[Mapping[str, Any]]
    model: Model


@dataclass(frozen=True)
class SourcePrediction:
    """The prediction for one file.

    Attributes:
        records: rows for JSON and CSV.
        picture: a PIL image of the prediction, or None.
        files: further files to write, by the suffix of their name: {"-mask.png": bytes}.
        problem: why the file could not be read, in one line; empty if it could.
    """

    records: Sequence[Mapping[str, Any]]
    picture: Any = None
    problem: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
