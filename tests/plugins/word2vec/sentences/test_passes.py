"""The learning rate, and passes as the trainer of runs makes them."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import Again, sentences

from nntasks.plugins.word2vec import Word2Vec
from nntasks.plugins.word2vec.sentences import passes
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


@pytest.mark.parametrize(("cores", "ahead"), [(1, 0), (2, 0), (3, 2)])
def test_an_iterable_is_read_ahead_where_a_core_is_free(monkeypatch, cores, ahead):
    calls = []
    real = passes.one_ahead
    monkeypatch.setattr(passes, "allowed_cores", lambda: cores)
    monkeypatch.setattr(passes, "one_ahead", lambda source: (calls.append(1), real(source))[1])
    options = {"vector_size": 16, "min_count": 1, "epochs": 2, "workers": 2}
    read = Word2Vec(Again(sentences(60)), **options)
    assert len(calls) == ahead
    listed = Word2Vec(sentences(60), **options)
    assert len(calls) == ahead  # a list has nothing to read
    assert np.array_equal(read.wv.vectors, listed.wv.vectors)
