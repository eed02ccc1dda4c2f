"""Shares of successful runs, with Wilson's interval."""

from __future__ import annotations

import math

import pytest

from nntasks.experiments.records import Group, Record
from nntasks.experiments.success import success_rates, success_table


def group(name, *values):
    records = [
        Record(None, {}, {"seed": seed, "metrics": {"accuracy": value}}, ())
        for seed, value in enumerate(values)
    ]
    return Group(name, tuple(records))


def test_shares_and_intervals():
    found = success_rates(
        [group("a", 1.0, 0.99, 0.5, math.nan), group("b", 0.1, 0.2)], "accuracy", 0.99
    )
    assert (found["a"]["successes"], found["a"]["runs"], found["a"]["share"]) == (2, 4, 0.5)
    # Wilson's interval of 2 of 4 is 1/2 -+ z sqrt(1/4 / (4 + z^2)) with z = 1.96, by hand
    half = 1.959964 * math.sqrt(0.25 / (4 + 1.959964**2))
    assert found["a"]["interval"] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-6)
    assert found["b"]["share"] == found["b"]["interval"][0] == 0.0


def test_the_table_names_metric_and_threshold():
    table = success_table([group("a", 1.0, 0.2)], "accuracy", 0.75)
    assert table.title == "Runs with accuracy of at least 0.75"
    assert next(iter(table.rows))[:3] == ("a", "1 of 2", 0.5)
