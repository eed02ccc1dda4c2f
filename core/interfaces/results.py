"""The results of evaluations, predictions and checks."""

from __future__ import annotations

import math
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
        index: the entry of the array with the largest error; empty if unknown.
        backward: the gradient of this entry by the backward pass.
        numeric: its central difference.
    """

    name: str
    error: float
    tolerance: float
    index: tuple[int, ...] = ()
    backward: float = math.nan
    numeric: float = math.nan

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance; NaN is not."""
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "right" if self.passed else "WRONG"
        place = f" at {list(self.index)}" if self.index else ""
        return (
            f"{verdict}: {self.name}, largest error {self.error:.1e}{place}: {self.backward:.6g} "
            f"by the backward pass, {self.numeric:.6g} by central differences"
        )


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
