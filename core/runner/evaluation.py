"""Evaluate a model on a split."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.errors import PluginError
from nntasks.interfaces import Metric, Model, Split, Task
from nntasks.machine.distributed import ALONE, Workers


@dataclass(frozen=True)
class Evaluation:
    """The numbers, and the metrics with their state, which is whole in the main process alone."""

    values: dict[str, float]
    metrics: Mapping[str, Metric]


def evaluate(
    model: Model,
    split: Split,
    metrics: Mapping[str, Metric],
    *,
    batch_size: int,
    workers: Workers = ALONE,
    advance: Callable[[int], None] = lambda count: None,
) -> Evaluation:
    """Predict every sample of `split` once and compute the metrics.

    Processes take the batches in turn. No batch is padded and no sample is seen twice, so the
    numbers do not depend on the number of processes.

    Raises:
        PluginError: the model does not return one prediction per sample, or two metrics give one
            number.
    """
    part = (workers.rank, workers.size)
    measured = measure(model, split, metrics, batch_size=batch_size, part=part, advance=advance)
    merged = workers.reduce(measured, _merge) or measured
    return Evaluation(workers.once(lambda: _values(merged)), merged)


def evaluation_batch(task: Task) -> int:
    """Return the number of samples that are predicted at a time."""
    return int(getattr(task.config, "evaluation_batch", 32))


def evaluation_of(metrics: Mapping[str, Metric]) -> Evaluation:
    """Return the evaluation behind metrics whose state is whole."""
    return Evaluation(_values(metrics), metrics)


def measure(
    model: Model,
    split: Split,
    metrics: Mapping[str, Metric],
    *,
    batch_size: int,
    part: tuple[int, int],
    advance: Callable[[int], None] = lambda count: None,
) -> dict[str, Metric]:
    """Return fresh metrics with every `part[1]`-th batch of `split`, from batch `part[0]` on."""
    fresh: dict[str, Metric] = {name: metric.fresh() for name, metric in metrics.items()}
    starts = range(0, len(split), batch_size)
    for position in range(part[0], len(starts), part[1]):
        start = starts[position]
        batch = split.batch(range(start, min(start + batch_size, len(split))))
        with model.evaluating():
            predictions = _one_each(model, model.predict(batch), len(batch.ids))
        for metric in fresh.values():
            metric.update(predictions, batch.targets, batch.ids)
        advance(len(batch.ids))
    return fresh


def _merge(ours: dict[str, Metric], others: dict[str, Metric]) -> dict[str, Metric]:
    for name, metric in ours.items():
        metric.merge(others[name])
    return ours


def intervals(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    """Return the 95 % intervals that the metrics give, without undefined ones.

    Raises:
        PluginError: an interval is of no number of its metric, or is no pair of numbers.
    """
    found: dict[str, tuple[float, float]] = {}
    for name, metric in evaluation.metrics.items():
        for number, ends in metric.intervals().items():
            if number not in metric.definitions():
                raise PluginError(f"metric {name!r} gives an interval of {number}, no number of it")
            try:
                low, high = map(float, ends)
            except (TypeError, ValueError):
                raise PluginError(
                    f"metric {name!r}: expected an interval (low, high) of {number}, got {ends!r}"
                ) from None
            if math.isfinite(low) and math.isfinite(high):
                found[number] = (low, high)
    return found


def _one_each(model: Model, predictions: Sequence[Any], expected: int) -> Sequence[Any]:
    """Return the predictions of a batch; a model that returns too many or too few is named."""
    try:
        count = len(predictions)
    except TypeError:
        count = -1
    if count != expected:
        got = f"a {type(predictions).__name__}" if count < 0 else str(count)
        raise PluginError(
            f"model {type(model).__name__}: predict must return one prediction per sample of the "
            f"batch, expected {expected}, got {got}"
        )
    return predictions


def _values(metrics: Mapping[str, Metric]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, metric in metrics.items():
        numbers = metric.compute()
        taken = sorted(values.keys() & numbers.keys())
        if taken:
            raise PluginError(f"metric {name!r} and another metric both give {', '.join(taken)}")
        undefined = sorted(numbers.keys() - metric.definitions().keys())
        if undefined:
            raise PluginError(f"metric {name!r} does not define {', '.join(undefined)}")
        values |= {key: float(number) for key, number in numbers.items()}
    return values
