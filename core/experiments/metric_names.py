"""The metric that a user names for runs: checked before any is executed, where that can be."""

from __future__ import annotations

from collections.abc import Iterable

from nntasks import contracts
from nntasks.errors import MissingError, UsageError, did_you_mean
from nntasks.interfaces import Task

LOSS = "loss"  # in validation rows of models that measure it


def require_metric(metric: str, known: Iterable[str]) -> None:
    """Raise UsageError if `metric` is none of the known names; names all, and the nearest."""
    names = list(known)
    if metric not in names:
        listed = ", ".join(names) or "no metric at all"
        hint = did_you_mean(metric, names)
        raise UsageError(
            f"--metric: expected one of {listed}, got {metric}{'.' if hint else ''}{hint}"
        )


def check_metric(task: Task, metric: str | None, *, others: Iterable[str] = ()) -> None:
    """Check a name that the user gives, before the first run.

    A headline metric is taken at its word; for any other the data are loaded, as metrics are made
    for them. Data that are not on this machine may be where the runs are executed, so the name is
    then left to the first of them.

    Args:
        task: with the keys of a run.
        metric: the name; None for the task's own choice.
        others: names that rows have beside those of the metrics.

    Raises:
        UsageError: no metric of the task defines a number of this name.
    """
    if metric is None or metric in (*task.headline, *others):
        return
    try:
        splits = contracts.load_data(task)
    except MissingError:
        return
    made = contracts.task_metrics(task, splits.info)
    require_metric(metric, (number for one in made.values() for number in one.definitions()))
