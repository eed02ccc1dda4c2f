"""The laws of metrics: any order, any grouping, any number of processes give the same bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nntasks.interfaces import Metric
from nntasks.testing.equality import first_difference


def check_metric(
    metric: Metric, batches: Sequence[tuple[Sequence[Any], Any, Sequence[int | str]]]
) -> None:
    """Check that order and grouping of updates do not matter, to the last bit.

    Args:
        metric: any state; only fresh copies of it are used.
        batches: (predictions, targets, ids) as `update` takes them; at least two.
    """
    forward = _updated(metric, batches)
    numbers = forward.compute()
    _check_words(forward, numbers)

    def same(other: Mapping[str, float], law: str) -> None:
        difference = first_difference(numbers, other)
        assert not difference, f"{law}: {difference}"

    same(forward.compute(), "compute() must not change what it computes from")
    same(_updated(metric, batches[::-1]).compute(), "the order of updates must not matter")
    for order in (batches, batches[::-1]):
        merged, *others = (_updated(metric, [batch]) for batch in order)
        for other in others:
            merged.merge(other)
        same(merged.compute(), "merge() must equal one metric that saw all")
    forward.merge(metric.fresh())
    same(forward.compute(), "merge() with a metric that saw nothing must not change a number")
    forward.reset()
    for batch in batches:
        forward.update(*batch)
    same(forward.compute(), "reset() must forget everything")


def _updated(metric: Metric, batches: Sequence[Any]) -> Metric:
    twin: Metric = metric.fresh()
    for batch in batches:
        twin.update(*batch)
    return twin


def _check_words(metric: Metric, numbers: Mapping[str, float]) -> None:
    assert isinstance(numbers, dict), f"compute() must return a dict, got {type(numbers).__name__}"
    undefined = numbers.keys() - metric.definitions().keys()
    assert not undefined, f"definitions() lacks {', '.join(sorted(undefined))}"
    for name, number in numbers.items():
        assert name == name.lower(), f"names of numbers are lower case, got {name!r}"
        assert hasattr(number, "__float__"), f"{name} must be a number, got {number!r}"
