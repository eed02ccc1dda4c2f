"""The learning rate, and passes as the trainer of runs makes them."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.word2vec.sentences.passes import Schedule, first_vectors


def test_the_rate_falls_linearly_over_all_passes():
    schedule = Schedule(0.1, 0.02, 4, 50, by_sentences=False)
    assert schedule.rate(0, 0) == 0.1
    assert schedule.rate(2, 0) == pytest.approx(0.06)
    assert schedule.rate(3, 25) == pytest.approx(0.1 - 0.08 * 3.5 / 4)
    assert schedule.rate(3, 99) == pytest.approx(0.02)  # a text longer than was said


def test_first_vectors_are_small_and_depend_on_the_seed():
    rows = first_vectors(1000, 10, 1, 0)
    assert rows.dtype == np.float32
    assert np.abs(rows).max() <= 0.05
    assert abs(rows.mean()) < 0.001
    assert np.array_equal(rows, first_vectors(1000, 10, 1, 0))
    assert not np.array_equal(rows, first_vectors(1000, 10, 2, 0))
