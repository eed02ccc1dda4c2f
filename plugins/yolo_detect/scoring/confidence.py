"""How sure every number is, and whether one set of detections is better than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nntasks.interfaces.report_data import Table
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.scoring.calibrated import calibration_errors, calibration_table
from nntasks.plugins.yolo_detect.scoring.columns import TrueImage
from nntasks.report.differences import BETTER, difference_table, plain
from nntasks.statistics.bootstrap import Estimate, Replicates, replicates


class _Key(NamedTuple):
    """A number: its convention, name and class, -1 for that of all classes."""

    convention: str
    number: str
    label: int = -1


class Resampled:
    """The numbers of all predictions on the same resamples of the images.

    Args:
        problems: what is scored, by name.
        numbers: by convention, the names of its numbers.
        resamples: how many.
        images: of the truth, whose sizes the calibration by position needs.
    """

    def __init__(
        self,
        problems: Mapping[str, Problem],
        numbers: Mapping[str, Sequence[str]],
        resamples: int,
        images: Sequence[TrueImage],
    ) -> None:
        self._classes = next((case.class_names for case in problems.values()), ())
        self._known = {
            name: replicates(
                _numbers_of(case, numbers),
                len(case.records.image_ids),
                seed=0,
                resamples=resamples,
            )
            for name, case in problems.items()
        }
        self._calibration = {
            name: calibration_errors(case, images) for name, case in problems.items()
        }

    def intervals(self, name: str) -> dict[str, dict[str, list[float]]]:
        """Return (low, high) of the 95 % interval of each number, by convention."""
        return self._by_convention(name, lambda _, one: list(one.interval()[1:]))

    def details(self, name: str) -> dict[str, Any]:
        """Return the numbers of classes, and the differences from the first predictions.

        "classes" has by convention, class and number its value, low and high, "differences" by
        convention and number "difference", "low", "high" and "p"; "class_differences" has both.
        "calibration" has the calibration errors.
        """
        errors = self._calibration[name]
        found: dict[str, Any] = {
            "calibration": {number: _ends(one) for number, one in errors.items()},
            "classes": self._by_class(name, lambda _, one: _ends(one.interval())),
        }
        first = next(iter(self._known))
        if name == first:
            return found
        theirs = self._known[first]

        def difference(key: _Key, one: Replicates) -> dict[str, float]:
            return plain(one.difference(theirs[key]))

        return found | {
            "compared_with": first,
            "differences": self._by_convention(name, difference),
            "class_differences": self._by_class(name, difference),
        }

    def tables(self) -> list[Table]:
        """Return the intervals, and differences from the first predictions, by convention."""
        first, *others = self._known
        made = []
        for convention in dict.fromkeys(key.convention for key in self._known[first]):
            rows = [
                (name, number, *one.interval())
                for name, numbers in self._of_all(convention).items()
                for number, one in numbers.items()
            ]
            columns = ("found", "number", "value", "low", "high")
            title = f"{convention}: 95 % intervals, by the bootstrap over images"
            made.append(Table(f"intervals_{convention}", title, columns, rows))
            if others:
                title = f"{convention}: differences on the same resamples"
                of_all = self._of_all(convention)
                made.append(difference_table(of_all, f"differences_{convention}", title))
        return [*made, calibration_table(self._calibration)]

    def _of_all(self, convention: str) -> dict[str, dict[str, Replicates]]:
        """Return the numbers of all classes together, by predictions and name."""
        return {
            name: {
                key.number: one
                for key, one in known.items()
                if key.label < 0 and key.convention == convention
            }
            for name, known in self._known.items()
        }

    def class_tables(self, name: str) -> list[Table]:
        """Return the intervals of the classes of one set of predictions, and their differences."""
        rows = [
            (self._classes[key.label], key.convention, key.number, *one.interval())
            for key, one in self._known[name].items()
            if key.label >= 0 and not np.isnan(one.value)
        ]
        made = [
            Table(
                "class_intervals",
                "95 % intervals of the classes",
                ("class", "convention", "number", "value", "low", "high"),
                rows,
                "A rare class is in few images, so its interval is wide or missing.",
            )
        ]
        first = next(iter(self._known))
        return made if name == first else [*made, self._class_differences(first, name)]

    def _class_differences(self, first: str, name: str) -> Table:
        theirs = self._known[first]
        return Table(
            "class_differences",
            f"{name} - {first}, by class: differences on the same resamples",
            ("class", "convention", "number", "difference", "low", "high", "p"),
            [
                (
                    self._classes[key.label],
                    key.convention,
                    key.number,
                    *one.difference(theirs[key]),
                )
                for key, one in self._known[name].items()
                if key.label >= 0 and not np.isnan(one.value)
            ],
            BETTER,
        )

    def _by_convention(
        self, name: str, value: Callable[[_Key, Replicates], Any]
    ) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, one in self._known[name].items():
            if key.label < 0:
                found.setdefault(key.convention, {})[key.number] = value(key, one)
        return found

    def _by_class(
        self, name: str, value: Callable[[_Key, Replicates], Any]
    ) -> dict[str, dict[str, dict[str, Any]]]:
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for key, one in self._known[name].items():
            if key.label >= 0 and not np.isnan(one.value):
                of_class = found.setdefault(key.convention, {})
                own = of_class.setdefault(self._classes[key.label], {})
                own[key.number] = value(key, one)
        return found


def _numbers_of(
    case: Problem, numbers: Mapping[str, Sequence[str]]
) -> Callable[[np.ndarray], dict[_Key, np.ndarray]]:
    """Return what computes the numbers of weights, those of all classes and of each."""
    weighted = {name: PROGRAMS[name].weighted(case) for name in numbers}

    def of(weights: np.ndarray) -> dict[_Key, np.ndarray]:
        found: dict[_Key, np.ndarray] = {}
        for convention, compute in weighted.items():
            known = compute(weights)
            for number in numbers[convention]:
                found[_Key(convention, number)] = known.numbers[number]
                for label, values in enumerate(known.per_class.get(number, ())):
                    found[_Key(convention, number, label)] = values
        return found

    return of


def _ends(one: Estimate) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), one, strict=True))
