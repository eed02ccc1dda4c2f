"""Nearest words, and how dense the space is around them."""

from __future__ import annotations

import numpy as np
from word_samples import some_vectors

from nntasks.plugins.embedding_analysis.measures.nearest import nearest, spread


def test_nearest_words_are_those_of_most_similar():
    vectors = some_vectors()
    found, cosines = nearest(vectors.unit, np.array([3, 30, 59]), 4)
    for place, row, near in zip((3, 30, 59), found, cosines, strict=True):
        expected = vectors.most_similar(vectors.words[place], topn=4)
        assert [vectors.words[i] for i in row] == [word for word, _ in expected]
        np.testing.assert_allclose(near, [cosine for _, cosine in expected], atol=1e-6)
    assert nearest(vectors.unit[:3], np.array([0]), 10)[0].shape == (1, 2)


def test_spread_looks_at_the_frequent_and_at_some_of_the_rare():
    places = spread(100_000, 200)
    assert 150 < len(places) <= 200
    assert places[0] == 0
    assert places[-1] == 99_999
    assert (np.diff(places) > 0).all()
    assert spread(5, 10).tolist() == [0, 1, 2, 3, 4]
