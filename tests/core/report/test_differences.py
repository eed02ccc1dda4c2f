"""Differences of results from the first one, on the same resamples."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.report.differences import (
    BETTER,
    difference_details,
    difference_table,
    differences,
    plain,
)
from nntasks.statistics.bootstrap import Difference, Replicates

NOISE = np.random.default_rng(0).normal(size=500) / 100


def number(value):
    return Replicates(value, value + NOISE, value + NOISE[:50])


KNOWN = {
    "first": {"map": number(0.5), "f1": number(0.25)},
    "better": {"map": number(0.75), "new": number(1.0)},
    "same": {"map": number(0.5), "f1": number(0.25)},
}


def test_each_result_is_compared_with_the_first_in_what_both_have():
    found = list(differences(KNOWN))
    names = [(name, what) for name, what, _ in found]
    assert names == [("better", "map"), ("same", "map"), ("same", "f1")]
    better, same, _ = (difference for *_, difference in found)
    assert better.value == pytest.approx(0.25)
    assert better.p < 0.05
    assert same.value == 0
    assert same.p > 0.05


def test_the_table():
    table = difference_table(KNOWN, "differences", "Differences")
    assert tuple(table.columns) == ("found", "number", "difference", "low", "high", "p")
    first = table.rows[0]
    assert first[:2] == ("better - first", "map")
    assert first[3] <= first[2] <= first[4]
    assert (table.name, table.title, table.caption) == ("differences", "Differences", BETTER)


def test_one_result_has_no_differences():
    assert list(differences({"first": KNOWN["first"]})) == []
    assert difference_table({"first": KNOWN["first"]}, "d", "D").rows == []


def test_details_name_what_was_compared_with():
    assert difference_details(KNOWN, "first") == {}
    found = difference_details(KNOWN, "better")
    assert found["compared_with"] == "first"
    assert found["differences"].keys() == {"map"}
    assert found["differences"]["map"]["difference"] == pytest.approx(0.25)


def test_a_difference_by_name():
    assert plain(Difference(0.5, 0.25, 0.75, 0.01)) == {
        "difference": 0.5,
        "low": 0.25,
        "high": 0.75,
        "p": 0.01,
    }
