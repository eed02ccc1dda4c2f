"""The check of a whole task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntasks import contracts
from nntasks.config import flatten
from nntasks.interfaces import Metric, Model, Splits, Task
from nntasks.runner import make_task
from nntasks.testing.data import check_options, check_split
from nntasks.testing.metrics import check_metric
from nntasks.testing.models import check_model

_BATCHES = 4  # that a metric is tried with


def check_task(name: str, **keys: Any) -> Task:
    """Check a task with its data, its model and its metrics, without training it.

    Args:
        name: of the task in the registry.
        keys: configuration, e.g. a small data set.
    """
    task = make_task(name, [keys])
    check_configuration(task)
    splits = contracts.load_data(task)
    check_splits(splits)
    model = contracts.task_model(task, splits.info)
    metrics = contracts.task_metrics(task, splits.info)
    check_model(model, splits.test.batch([0]))
    check_metrics(model, splits, metrics)
    return task


def check_configuration(task: Task) -> None:
    """Check that every key is described, and that a stored configuration reads back."""
    schema = type(task.config)
    check_options(schema)
    again = schema.model_validate(_nested(flatten(task.config)))
    assert again == task.config, "the configuration does not read back from config.yaml"


def check_splits(splits: Splits) -> None:
    """Check every split of a data set."""
    for split in (splits.train, splits.validation, splits.test):
        if split is not None:
            check_split(split)


def check_metrics(model: Model, splits: Splits, metrics: Mapping[str, Metric]) -> None:
    """Check the laws of metrics on what a model says of a few samples."""
    assert metrics, "a task needs a metric"
    batches = [splits.test.batch([index]) for index in range(min(_BATCHES, len(splits.test)))]
    seen = [(model.predict(batch), batch.targets, batch.ids) for batch in batches]
    for metric in metrics.values():
        check_metric(metric, seen)


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        group, dot, option = key.partition(".")
        if dot:
            nested.setdefault(f"{group}_options", {})[option] = value
        else:
            nested[key] = value
    return nested
