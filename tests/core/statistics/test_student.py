"""Means, intervals and paired differences, against SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nntasks.statistics.student import ends, interval, paired


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


def test_the_interval_of_shares_stays_within_0_and_1_and_is_that_of_the_log_odds():
    shares = [0.9, 1.0, 0.95]
    low, high = ends(shares)
    found = interval(shares)
    assert found.mean + found.half > 1
    assert 0 < low < found.mean < high < 1
    # The delta method: the error of the log odds is that of the share over share * (1 - share).
    half = found.half / (found.mean * (1 - found.mean))
    assert math.log(high / (1 - high)) - math.log(low / (1 - low)) == pytest.approx(2 * half)
    narrow = [0.500, 0.501, 0.502]  # far from 0 and 1 both scales agree
    plain = interval(narrow)
    expected = (plain.mean - plain.half, plain.mean + plain.half)
    assert ends(narrow) == pytest.approx(expected, abs=1e-5)


def test_the_interval_of_other_numbers_is_students():
    found = interval([2.0, 3.0])
    assert ends([2.0, 3.0]) == (found.mean - found.half, found.mean + found.half)
    assert ends([1.0, 1.0]) == (1.0, 1.0)
    assert ends([0.5]) is None
