"""The n-grams of the words of a run, and their rows."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable
from nntasks.plugins.word2vec.subwords import Subwords, first_rows, with_buckets


def test_rows_are_named_for_messages():
    subwords = Subwords.of(["cat", "dog"], 3, 3, 100)
    names = subwords.names(["cat", "dog"])
    assert names[:2] == ["cat", "dog"]
    assert names[2] == f"n-grams of bucket {subwords.buckets[0]}"
    assert len(names) == 2 + len(subwords.buckets)
    assert "3.0 n-grams a word" in subwords.said


def test_buckets_keep_their_rows_when_others_come():
    table = NgramTable(NgramSizes(), np.array([4, 9]), np.array([[1, 1], [2, 2]], np.float32))
    with_buckets(table, np.array([9, 2, 7, 2], np.int32), seed=0)
    assert table.buckets.tolist() == [2, 4, 7, 9]
    assert table.rows[[1, 3]].tolist() == [[1, 1], [2, 2]]
    assert table.rows[[0, 2]].any()


def test_first_rows_are_as_long_as_fasttexts():
    rows = first_rows(4000, 10, 0, "init", 0)
    assert abs(rows).max() <= 0.1
    assert abs(rows).mean() > 0.045
    assert not np.array_equal(rows, first_rows(4000, 10, 0, "init", 1))
