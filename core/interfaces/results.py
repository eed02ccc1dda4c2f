"""What an evaluation, a prediction and a check give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nntasks.interfaces.data import Split
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model


@dataclass(frozen=True)
class CrossCheck:
    """Two numbers that must agree because they count the same thing in two ways."""

    what: str
    left: float
    right: float
    tolerance: float = 0.0


@dataclass(frozen=True)
class GradientCheck:
    """A gradient by hand or by autograd, held against central differences.

    Attributes:
        name: of the parameter or input.
        error: the largest difference, relative to the largest gradient.
        tolerance: what it may be.
    """

    name: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the gradient is right; an error that is no number is not."""
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Outcome:
    """What an evaluation gave, for figures and tables.

    Attributes:
        metrics: the metrics by name, still holding their state.
        values: all numbers, flat.
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
    """What a model said of one file.

    Attributes:
        records: rows for JSON and CSV.
        picture: a PIL image to look at; may be None.
        files: more files to write, by what their names add to the source's: {"-mask.png": bytes}.
        problem: why the file could not be read, in one line; empty where it could.
    """

    records: Sequence[Mapping[str, Any]]
    picture: Any = None
    problem: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
