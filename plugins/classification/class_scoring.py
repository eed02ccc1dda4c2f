"""Score predicted classes or probabilities of any program, from CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nntasks.datasets.faults import Faults
from nntasks.errors import UsageError
from nntasks.interfaces.report_data import Table
from nntasks.interfaces.scoring import FoundScores, Scorer, Scores
from nntasks.plugins.classification.class_csv import Found, read_found, read_truth
from nntasks.plugins.classification.intervals import sample_replicates, with_intervals
from nntasks.plugins.classification.predictions import (
    TOP,
    PerClass,
    Predictions,
    confusion,
    log_likelihood,
    macro,
    per_class,
    reliability,
    squared_errors,
    top_accuracy,
)
from nntasks.report.differences import difference_details, difference_table
from nntasks.report.formatting import format_interval, how_many
from nntasks.statistics.bootstrap import Replicates

_DIFFERENCES = "Differences on the same resamples of the samples"
_SHARES = ("accuracy", "top5", "f1_micro")  # which have Wilson's intervals as well
_MEANING = {
    "accuracy": "share of samples whose predicted class is the true one; equals micro F1",
    "top5": f"share of samples whose true class is among the {TOP} most probable",
    "f1_macro": "mean F1 over the classes that occur; 0 for a class that is never predicted",
    "precision_macro": "mean precision over the classes that occur; 0 where undefined",
    "recall_macro": "mean recall over the classes that occur (balanced accuracy)",
    "f1_micro": "F1 of all classes counted together",
    "nll": "mean negative log-likelihood of the true class, in nats (log loss)",
    "brier": "mean over samples of the squared differences of probabilities and truth",
    "ece": "expected calibration error, 15 bins of equal confidence width",
}


class ClassScorer(Scorer):
    """Accuracy, F1, likelihood and calibration from labels and predictions."""

    inputs = "CSV files"

    def score(self, task: str, truth: Any, found: Mapping[str, Any]) -> Scores:
        """Read everything, then compute; see `Scorer.score`."""
        faults = Faults()
        for path in (truth, *found.values()):
            if not isinstance(path, Path) or not path.is_file():
                raise UsageError(f"expected a CSV file, got {path}")
        known = read_truth(truth, faults)
        faults.refuse()
        read = {name: read_found(path, known, faults) for name, path in found.items()}
        faults.refuse()
        tables = {
            name: Predictions(known.ids, known.labels(one.classes), one.probabilities)
            for name, one in read.items()
        }
        numbers = {name: _numbers(table, read[name]) for name, table in tables.items()}
        replicated = {
            name: {
                key: one
                for key, one in sample_replicates(table).items()
                if numbers[name][key] == numbers[name][key]
            }
            for name, table in tables.items()
        }
        scored = [_scored(name, tables[name], numbers[name], replicated) for name in tables]
        more = [_confusion(name, table, read[name].classes) for name, table in tables.items()]
        if len(tables) > 1:
            more.append(difference_table(replicated, "differences", _DIFFERENCES))
        classes = how_many(len(known.names), "class", "classes")
        said = f"{how_many(len(known.ids), 'sample')}, {classes} in the truth"
        return Scores(task, scored, [_table(scored, _caption(read)), *more], [said])


def _scored(
    name: str,
    table: Predictions,
    numbers: dict[str, float],
    replicated: Mapping[str, Mapping[str, Replicates]],
) -> FoundScores:
    own = replicated[name]
    ends = {key: list(one[1:]) for key, one in with_intervals(table, own).items() if key in own}
    drawn = {key: list(own[key].interval()[1:]) for key in _SHARES if key in own}
    return FoundScores(
        name,
        {"classification": numbers},
        {"classification": ends},
        {"bootstrap": drawn} | difference_details(replicated, name),
    )


def _numbers(table: Predictions, found: Found) -> dict[str, float]:
    each = per_class(confusion(table))
    numbers = {
        "accuracy": float((table.predicted == table.labels).mean()),
        "f1_macro": macro(each.f1, each.support),
        "precision_macro": macro(each.precision, each.support),
        "recall_macro": macro(each.recall, each.support),
        "f1_micro": _micro(each, table),
    }
    undefined = float("nan")
    more = found.certain
    return numbers | {
        "top5": undefined if more or table.classes <= TOP else top_accuracy(table, TOP),
        "nll": undefined if more else log_likelihood(table),
        "brier": undefined if more else float(squared_errors(table).mean()),
        "ece": undefined if more else reliability(table).error,
    }


def _micro(each: PerClass, table: Predictions) -> float:
    """Each sample has one class and one prediction, so it is the accuracy."""
    right = float((table.predicted == table.labels).sum())
    return 2 * right / (float(each.support.sum()) + len(table.labels))


def _caption(read: Mapping[str, Found]) -> str:
    """Say of which predictions numbers are missing."""
    without = [name for name, found in read.items() if found.certain]
    if not without:
        return ""
    names = "" if len(without) == len(read) else f" ({', '.join(without)})"
    return f"Without probabilities{names}, likelihood and calibration are not defined."


def _table(scored: list[FoundScores], caption: str) -> Table:
    rows = [
        (key, *(cell for one in scored for cell in _cells(one, key)), meaning)
        for key, meaning in _MEANING.items()
    ]
    return Table(
        "classification",
        "Classification",
        ("number", *(cell for one in scored for cell in (one.name, "95 %")), "definition"),
        rows,
        caption,
    )


def _cells(one: FoundScores, key: str) -> tuple[float, str]:
    """Return a number and its interval as text."""
    ends = one.intervals["classification"].get(key)
    return one.conventions["classification"][key], format_interval(ends)


def _confusion(name: str, table: Predictions, classes: tuple[str, ...]) -> Table:
    return Table(
        "confusion",
        f"{name}: rows are true classes, columns predicted ones",
        ("true", *classes),
        [(own, *row) for own, row in zip(classes, confusion(table).tolist(), strict=True)],
    )
