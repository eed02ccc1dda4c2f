"""Scorers: the numbers of a task for predictions of any program, from files or arrays."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nntasks.config import Options
from nntasks.errors import MissingError
from nntasks.interfaces.pictures import ImageBrowser
from nntasks.interfaces.report_data import Figure, Table


@dataclass(frozen=True)
class FoundScores:
    """The numbers of one set of predictions.

    Attributes:
        name: of the predictions.
        conventions: by convention, numbers by name; NaN where a number is not defined.
        intervals: a 95 % interval (low, high) by convention and name, where there is one.
        details: further numbers by group, such as {"tide": {"Cls": 5.6, ...}}.
        late: returns further groups that take time to compute; only `Scores.to_dict` asks for them.
    """

    name: str
    conventions: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    late: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True)
class ScorePage:
    """The page of one set of predictions; the tables of `Scores` stand on it too.

    Attributes:
        name: of the predictions.
        figures: its pictures.
        tables: returns further tables, which are computed for the page alone.
        browser: given the folder of the page, returns images to look through, named relative to
            it; None without images.
    """

    name: str
    figures: Sequence[Figure] = ()
    tables: Callable[[], Sequence[Table]] = tuple
    browser: Callable[[Path], ImageBrowser | None] | None = None


@dataclass(frozen=True)
class Scores:
    """The numbers of all predictions of one truth.

    Attributes:
        task: the task's name.
        found: in the given order.
        tables: for the terminal.
        notes: what a reader of the numbers should know, a sentence each.
        pages: one for each set of predictions.
    """

    task: str
    found: Sequence[FoundScores]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    pages: Sequence[ScorePage] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: `{"task", "found": [...]}`; None for what is not defined."""
        rows = [
            {
                "name": one.name,
                "conventions": one.conventions,
                "intervals": one.intervals,
                **one.details,
                **one.late(),
            }
            for one in self.found
        ]
        return {"task": self.task, "found": [_plain(row) for row in rows]}

    def to_frame(self) -> Any:
        """Return a pandas DataFrame: a row for each number, with name, convention and value."""
        try:
            import pandas
        except ImportError:
            raise MissingError(
                "a DataFrame needs pandas, which is not installed; run: python -m pip install "
                "pandas"
            ) from None

        rows = [
            (one.name, convention, number, value)
            for one in self.found
            for convention, numbers in one.conventions.items()
            for number, value in numbers.items()
        ]
        return pandas.DataFrame(rows, columns=["name", "convention", "number", "value"])


class Scorer(ABC):
    """Scores predictions against a truth, for the verb `score`.

    A task's entry names it: `Entry(..., scorer="my_package.scoring:MyScorer")`. It is imported when
    it is used, without the task.

    Attributes:
        Config: the `key=value` options.
        inputs: what `truth=` and `found=` can be, for messages.
        own_truth: whether `found=` can be the folder of a run alone, whose truth is then taken.
    """

    Config: ClassVar[type[Options]] = Options
    inputs: ClassVar[str] = "a file or a folder"
    own_truth: ClassVar[bool] = False

    def __init__(self, config: Any, warn: Callable[[str], None]) -> None:
        self.config = config
        self.warn = warn

    @abstractmethod
    def score(self, task: str, truth: Any, found: Mapping[str, Any]) -> Scores:
        """Return the numbers of each set of predictions.

        Args:
            task: the task's name.
            truth: a `Path`, or the truth itself in a form that the scorer takes.
            found: the same for predictions, by name.

        Raises:
            UsageError: wrong rows, all of them, before anything is computed.
            MissingError: a file that does not exist.
        """


def _plain(value: Any) -> Any:
    """Return plain Python values, with None for NaN."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, "tolist"):  # an array, or a number of an array
        return _plain(value.tolist())
    return None if isinstance(value, float) and math.isnan(value) else value
