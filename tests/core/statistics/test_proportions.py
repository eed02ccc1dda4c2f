"""Wilson's interval against SciPy."""

from __future__ import annotations

import math

import pytest
from scipy.stats import binomtest

from nntasks.statistics.proportions import wilson


@pytest.mark.parametrize(
    ("successes", "total"), [(0, 10), (10, 10), (3, 7), (950, 1000), (1, 100_000)]
)
def test_against_scipy(successes, total):
    expected = binomtest(successes, total).proportion_ci(method="wilson")
    found = wilson(successes, total)
    assert found.value == successes / total
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-12)


def test_nothing_counted():
    assert all(map(math.isnan, wilson(0, 0)))
