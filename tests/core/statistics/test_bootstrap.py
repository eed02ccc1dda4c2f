"""The bootstrap: weights, BCa against SciPy, differences and their p-values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from nntasks.statistics.bootstrap import (
    Replicates,
    drawn_weights,
    left_out_weights,
    replicates,
)


def mean_of(values):
    """Return what gives the weighted mean of values for many weightings."""
    return lambda weights: {"mean": weights @ values / weights.sum(axis=1)}


def skewed(count, seed=0):
    return np.random.default_rng(seed).exponential(1, count)


def test_weights_are_repeatable_draws():
    weights = drawn_weights(40, seed=3, resamples=50)
    assert weights.sum(axis=1).tolist() == [40] * 50
    np.testing.assert_array_equal(weights[:20], drawn_weights(40, seed=3, resamples=20))
    assert (weights != drawn_weights(40, seed=4, resamples=50)).any()
    # A sample is drawn once on average, with variance 1 - 1/40.
    assert weights.mean() == 1
    assert abs(drawn_weights(40, seed=1, resamples=4000).var() - 0.975) < 0.05


def test_the_jackknife_leaves_out_each_sample_once():
    np.testing.assert_array_equal(left_out_weights(3), 1 - np.eye(3))
    blocks = left_out_weights(1003, most=10)
    assert blocks.shape == (10, 1003)
    assert (blocks == 0).sum(axis=0).tolist() == [1] * 1003
    assert set((blocks == 0).sum(axis=1)) == {100, 101}


def test_bca_against_scipy():
    values = skewed(60)
    found = replicates(mean_of(values), 60, seed=0, resamples=40_000)["mean"].interval()
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=40_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(theirs.low, abs=0.03 * width)
    assert found.high == pytest.approx(theirs.high, abs=0.03 * width)
    # It leans to the right as the values do; a symmetric interval does not.
    assert found.high - found.value > 1.1 * (found.value - found.low)


def test_blocks_accelerate_as_single_samples_do():
    values = skewed(5000, seed=2)
    numbers = mean_of(values)
    single = Replicates(0, np.zeros(0), numbers(left_out_weights(5000, most=5000))["mean"])
    blocks = Replicates(0, np.zeros(0), numbers(left_out_weights(5000))["mean"])
    expected = stats.skew(values) / 6 / math.sqrt(5000)
    assert single._acceleration() == pytest.approx(expected, rel=1e-6)
    assert blocks._acceleration() == pytest.approx(expected, abs=0.7 * expected)


def test_a_number_beside_nearly_all_resamples_has_the_basic_interval():
    drawn = 1 + np.random.default_rng(0).random(999)
    value, low, high = Replicates(0.9, drawn, np.zeros(3)).interval()
    assert value == 0.9
    ends = np.quantile(drawn, [0.025, 0.975], method="weibull")
    assert (low, high) == (pytest.approx(1.8 - ends[1]), pytest.approx(1.8 - ends[0]))
    assert low < 0 < high


@pytest.mark.parametrize("value", [0.9, 1.0, 0.5, -0.2, 0.99])
def test_the_basic_interval_and_its_p_agree(value):
    drawn = 1 + np.random.default_rng(1).random(999)
    found = Replicates(value, drawn, np.zeros(3)).difference(
        Replicates(0.0, np.zeros(999), np.zeros(3))
    )
    assert (found.low > 0 or found.high < 0) == (found.p < 0.05)


def test_what_does_not_vary_has_an_interval_of_no_width():
    found = replicates(mean_of(np.ones(20)), 20, seed=0)["mean"].interval()
    assert tuple(found) == (1.0, 1.0, 1.0)


def test_a_number_that_is_often_undefined_has_no_interval():
    drawn = np.where(np.arange(1000) < 200, np.nan, 0.5)
    assert math.isnan(Replicates(0.5, drawn, np.zeros(3)).interval().low)
    assert math.isnan(Replicates(math.nan, np.ones(1000), np.zeros(3)).interval().high)
    seldom = np.where(np.arange(1000) < 50, np.nan, 0.5)
    assert Replicates(0.5, seldom, np.zeros(3)).interval().low == 0.5


def differing_by(shift, seed=5):
    rng = np.random.default_rng(seed)
    base = rng.normal(0, 1, 200)
    pair = (base + shift + rng.normal(0, 0.1, 200), base)
    ours, theirs = (replicates(mean_of(values), 200, seed=0)["mean"] for values in pair)
    return pair, ours, theirs


@pytest.mark.parametrize("shift", [-0.03, -0.01, 0.0, 0.005, 0.014, 0.02, 0.1])
def test_the_interval_excludes_zero_where_p_is_small(shift):
    (a, b), ours, theirs = differing_by(shift)
    found = ours.difference(theirs)
    assert found.value == pytest.approx((a - b).mean())
    assert (found.p < 0.05) == (found.low > 0 or found.high < 0)
    assert found.p == pytest.approx(stats.ttest_rel(a, b).pvalue, abs=0.1)  # 1,000 resamples
    assert theirs.difference(ours).p == pytest.approx(found.p, abs=0.01)


def test_resamples_on_one_side_of_zero_have_the_least_p():
    """Even where the bias correction is so large that its tail is wide."""
    drawn = np.linspace(-0.13, -0.05, 1000)
    found = Replicates(-0.06, drawn, np.zeros(3)).difference(
        Replicates(0.0, np.zeros(1000), np.zeros(3))
    )
    assert found.high < 0
    assert found.p == pytest.approx(2 / 1001)


def test_pairs_are_sharper_than_two_intervals():
    _, ours, theirs = differing_by(0.05)
    found = ours.difference(theirs)
    assert found.low > 0
    assert ours.interval().low < theirs.interval().high  # the two intervals overlap


def test_equal_results_differ_by_nothing():
    _, ours, _ = differing_by(0.0)
    assert tuple(ours.difference(ours)) == (0.0, 0.0, 0.0, 1.0)


def test_a_single_sample_has_no_interval():
    (found,) = replicates(mean_of(np.array([0.5])), 1, seed=0).values()
    assert found.interval()[0] == 0.5
    assert np.isnan(found.interval()[1:]).all()
