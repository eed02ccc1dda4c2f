"""Which rows words are the mean of."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embeddings.subwords import parts
from nntasks.plugins.embeddings.subwords.parts import Parts


@pytest.mark.parametrize("at_a_time", [1, 2, 100])
def test_means_are_of_the_own_row_and_those_of_buckets(monkeypatch, at_a_time):
    monkeypatch.setattr(parts, "_WORDS", at_a_time)
    buckets = np.array([3, 7, 9])
    made = Parts.of(np.array([0, 2, 2, 5]), np.array([9, 3, 7, 7, 9], np.int32), buckets)
    assert made.starts.tolist() == [0, 3, 4, 8]
    assert made.rows.tolist() == [0, 5, 3, 1, 2, 4, 4, 5]
    matrix = np.arange(12, dtype=np.float32).reshape(6, 2)
    found = made.means(matrix)
    assert found.dtype == np.float32
    expected = [matrix[rows].mean(0) for rows in ([0, 5, 3], [1], [2, 4, 4, 5])]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_no_words_have_no_means():
    nothing = Parts.of(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    assert nothing.means(np.zeros((0, 4), np.float32)).shape == (0, 4)
