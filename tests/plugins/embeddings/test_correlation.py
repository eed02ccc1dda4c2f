"""Rank correlation against SciPy, and its bootstrap interval."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embeddings.correlation import bootstrap_spearman, spearman

# It calls what it calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gensim")


def test_spearman_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for size in (2, 3, 50):
        x, y = rng.integers(0, size, (2, size)).astype(float), rng.normal(size=(2, size))
        for a, b in ((x[0], y[0]), (x[0], x[1]), (y[0], y[1])):
            if np.ptp(a) and np.ptp(b):
                assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b)[0], abs=1e-12)
    assert np.isnan(spearman([1, 1], [1, 2]))
    assert np.isnan(spearman([1], [1]))


def test_the_bootstrap_interval_is_repeatable_and_about_as_wide_as_theory():
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    y = x + rng.normal(size=400)
    first, second = (bootstrap_spearman(x, y, seed=3) for _ in range(2))
    assert first == second
    assert first != bootstrap_spearman(x, y, seed=4)
    assert first.low < first.value < first.high
    # Bonett and Wright 2000: the standard error in Fisher's z is sqrt((1 + r^2 / 2) / (n - 3)).
    error = 1.96 * np.sqrt((1 + first.value**2 / 2) / 397)
    low, high = np.tanh(np.arctanh(first.value) + np.array([-error, error]))
    assert first.low == pytest.approx(low, abs=0.02)
    assert first.high == pytest.approx(high, abs=0.02)
