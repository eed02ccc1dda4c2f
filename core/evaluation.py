"""Applying a model to a split and measuring what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.distributed import ALONE, Workers
from core.errors import PluginError
from core.interfaces import Batch, Metric, Model, Split

ItemRows = Callable[[Batch, Sequence[Any]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Evaluation:
    """Numbers, the metrics that hold their state, and one row per sample in the split's order."""

    values: dict[str, float]
    metrics: Mapping[str, Metric]
    items: list[dict[str, Any]]


def evaluate(
    model: Model,
    split: Split,
    metrics: Mapping[str, Metric],
    *,
    batch_size: int,
    workers: Workers = ALONE,
    item_rows: ItemRows | None = None,
    advance: Callable[[int], None] = lambda count: None,
) -> Evaluation:
    """Predict every sample of `split` once and compute the metrics.

    Batches are the same whatever the number of processes, which take them in turns; none is
    padded and no sample is seen twice, so the numbers do not depend on that number.
    """
    fresh = {name: metric.fresh() for name, metric in metrics.items()}
    starts = range(0, len(split), batch_size)
    rows: dict[int, list[dict[str, Any]]] = {}
    for position in range(workers.rank, len(starts), workers.size):
        start = starts[position]
        batch = split.batch(range(start, min(start + batch_size, len(split))))
        predictions = model.predict(batch)
        for metric in fresh.values():
            metric.update(predictions, batch.targets, batch.ids)
        if item_rows is not None:
            rows[position] = item_rows(batch, predictions)
        advance(len(batch.ids))
    return _collect(workers, fresh, rows)


def _collect(
    workers: Workers, mine: dict[str, Metric], rows: dict[int, list[dict[str, Any]]]
) -> Evaluation:
    gathered = workers.gather((mine, rows))
    merged, all_rows = gathered[0]
    for others, other_rows in gathered[1:]:
        for name, metric in merged.items():
            metric.merge(others[name])
        all_rows |= other_rows
    items = [row for position in sorted(all_rows) for row in all_rows[position]]
    return Evaluation(_values(merged), merged, items)


def _values(metrics: Mapping[str, Metric]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, metric in metrics.items():
        numbers = metric.compute()
        taken = sorted(values.keys() & numbers.keys())
        if taken:
            raise PluginError(f"metric {name!r} gives {', '.join(taken)}, which another gives too")
        undefined = sorted(numbers.keys() - metric.definitions().keys())
        if undefined:
            raise PluginError(f"metric {name!r} does not define {', '.join(undefined)}")
        values |= {key: float(number) for key, number in numbers.items()}
    return values
