"""Conformance checks for plugin authors: call them from your own tests.

    from nntasks.testing import check_task

    def test_my_task():
        check_task("my_task", epochs=1)

Each raises AssertionError with one sentence on what the contract asks and what came instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nntasks.config import Options, flatten
from nntasks.interfaces import Batch, Metric, Model, Split, Task
from nntasks.registry import Registry, discover
from nntasks.runner import make_task


def check_plugin(name: str, registry: Registry | None = None) -> None:
    """Check that a plugin is healthy and that every entry it announces resolves."""
    registry = registry or discover()
    found = [plugin for plugin in registry.plugins if plugin.name == name]
    assert found, f"no plugin {name!r}: is its entry point in the group 'nntasks' installed?"
    assert not found[0].reason, f"plugin {name!r} is quarantined: {found[0].reason}"
    for kind, entry in found[0].entries:
        assert callable(registry.resolve(kind, entry.name)), f"{entry.target} cannot be called"
        assert entry.summary, f"{kind} entry {entry.name!r} needs a summary for `list`"


def check_options(schema: type[Options]) -> None:
    """Check that every key has a description and that the defaults are valid and read back."""
    for key, field in schema.model_fields.items():
        assert field.description, f"key {key!r} of {schema.__name__} needs a description"
    if not any(field.is_required() for field in schema.model_fields.values()):
        assert schema.model_validate(schema().model_dump()) == schema(), "defaults do not read back"


def check_split(split: Split) -> None:
    """Check that a split is sized, repeatable, and indifferent to how it is cut into batches."""
    assert len(split) > 0, "a split must not be empty"
    several = list(range(min(3, len(split))))
    for epoch in (None, 0, 1):
        whole = split.batch(several, epoch=epoch)
        assert isinstance(whole, Batch), f"batch() must return a Batch, got {type(whole).__name__}"
        assert len(whole.ids) == len(several), "a batch needs one id per sample"
        again = split.batch(several, epoch=epoch)
        assert _equal(whole, again), f"batch(epoch={epoch}) must give the same samples every time"
        alone = [split.batch([index], epoch=epoch).ids[0] for index in several]
        assert list(whole.ids) == alone, "ids must come in the order of the indices"


def check_model(model: Model, batch: Batch) -> None:
    """Check that a model predicts one answer per sample, repeatably, and that its state loads."""
    first = model.predict(batch)
    assert len(first) == len(batch.ids), "predict() must give one prediction per sample"
    assert _equal(first, model.predict(batch)), "predict() must not depend on earlier calls"
    state = {name: _copy(array) for name, array in model.state().items()}
    assert state, "state() must hold what was learned"
    for name, array in model.state().items():
        assert hasattr(array, "shape"), f"state()[{name!r}] must be an array"
    model.load_state(state)
    assert _equal(first, model.predict(batch)), "load_state(state()) must not change predictions"


def check_metric(
    metric: Metric, batches: Sequence[tuple[Sequence[Any], Any, Sequence[Any]]]
) -> None:
    """Check that a metric gives the same bits in any order and over any number of processes.

    Args:
        metric: any instance; it is not changed.
        batches: (predictions, targets, ids) as `update` takes them; at least two.
    """
    forward, backward = metric.fresh(), metric.fresh()
    parts = [metric.fresh() for _ in batches]
    for batch in batches:
        forward.update(*batch)
    for batch in reversed(batches):
        backward.update(*batch)
    for part, batch in zip(parts, batches, strict=True):
        part.update(*batch)
    merged = parts[-1]
    for part in parts[:-1]:
        merged.merge(part)
    numbers = forward.compute()
    assert _same_numbers(numbers, backward.compute()), "the order of updates must not matter"
    assert _same_numbers(numbers, merged.compute()), "merge() must equal one metric that saw all"
    undefined = numbers.keys() - forward.definitions().keys()
    assert not undefined, f"definitions() lacks {', '.join(sorted(undefined))}"
    for name in numbers:
        assert name == name.lower(), f"names of numbers are lower case, got {name!r}"


def check_task(name: str, **keys: Any) -> Task:
    """Check a task with its data, its model and its metrics, without training it.

    Args:
        name: of the task in the registry.
        keys: configuration, e.g. a small data set.
    """
    task = make_task(name, [keys])
    check_options(type(task.config))
    assert type(task.config).model_validate(_nested(flatten(task.config))) == task.config
    splits = task.load_data()
    for split in (splits.train, splits.validation, splits.test):
        if split is not None:
            check_split(split)
    model, metrics = task.build_model(splits.info), task.build_metrics(splits.info)
    assert metrics, "a task needs a metric"
    cut = min(4, len(splits.test))
    batches = [splits.test.batch([index]) for index in range(cut)]
    check_model(model, batches[0])
    seen = [(model.predict(batch), batch.targets, batch.ids) for batch in batches]
    for metric in metrics.values():
        check_metric(metric, seen)
    return task


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        group, dot, option = key.partition(".")
        if dot:
            nested.setdefault(f"{group}_options", {})[option] = value
        else:
            nested[key] = value
    return nested


def _copy(array: Any) -> Any:
    return array.clone() if hasattr(array, "clone") else np.array(array)


def _same_numbers(a: Mapping[str, float], b: Mapping[str, float]) -> bool:
    return a.keys() == b.keys() and all(
        a[name] == b[name] or (math.isnan(a[name]) and math.isnan(b[name])) for name in a
    )


def _equal(a: Any, b: Any) -> bool:
    """Compare nested values that may hold arrays."""
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and _equal(vars(a), vars(b))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "shape"):
        return a.shape == b.shape and bool(np.array_equal(np.asarray(a), np.asarray(b)))
    return bool(a == b)
