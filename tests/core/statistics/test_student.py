"""Means, intervals and paired differences, against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nntasks.statistics.student import interval, paired


@pytest.mark.parametrize("count", [2, 3, 10])
def test_interval_is_students(count):
    values = np.random.default_rng(count).normal(size=count)
    found = interval(values.tolist())
    low, high = stats.t.interval(0.95, count - 1, values.mean(), stats.sem(values))
    assert found.mean == pytest.approx(values.mean())
    assert found.mean - found.half == pytest.approx(low)
    assert found.mean + found.half == pytest.approx(high)
    assert found.count == count


def test_one_value_says_nothing_of_its_scatter():
    found = interval([0.5])
    assert (found.mean, found.count) == (0.5, 1)
    assert math.isnan(found.half)
    assert not found.excludes_zero
    assert str(found) == "0.5000"


def test_no_value():
    assert str(interval([])) == "–"


def test_pairs_are_the_seeds_that_both_have():
    found = paired({0: 1.0, 1: 2.0, 2: 9.0}, {0: 0.5, 1: 1.0, 5: 0.0})
    expected = stats.ttest_rel([1.0, 2.0], [0.5, 1.0]).confidence_interval(0.95)
    assert found.count == 2
    assert found.mean == pytest.approx(0.75)
    assert found.mean - found.half == pytest.approx(expected.low)
    assert not found.excludes_zero
    assert paired({0: 1.0}, {1: 1.0}).count == 0


def test_an_interval_on_one_side_of_zero():
    assert interval([0.9, 1.0, 1.1]).excludes_zero
    assert interval([-0.9, -1.0, -1.1]).excludes_zero
    assert str(interval([0.9, 1.0, 1.1])) == "1.0000 ± 0.2484"
