"""Stability over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from word_samples import some_vectors

from nntasks.plugins.embedding_analysis.measures.stability import jaccard, stability
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_a_set_is_stable_against_a_turned_copy_of_itself_and_not_against_noise(rng):
    vectors = some_vectors(counts=False)
    turn = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    sets = {
        "first": vectors,
        "turned": KeyedVectors.of(vectors.words[::-1], (vectors.matrix @ turn)[::-1]),
        "noise": KeyedVectors.of([*vectors.words[:50], "new"], rng.normal(size=(51, 8))),
    }
    found = stability(sets, 1000, 5)
    assert found.common == 50
    assert found.pairs == [("first", "turned"), ("first", "noise"), ("turned", "noise")]
    moved = np.array(found.words) != vectors.words[30]  # which is zero: near to nothing
    np.testing.assert_allclose(found.jaccard[0][moved], 1)
    np.testing.assert_allclose(found.cosines[0][moved], 1, atol=1e-5)
    assert found.jaccard[1].mean() < 0.3
    assert jaccard(np.array([[1, 2, 3]]), np.array([[3, 4, 1]])).tolist() == [0.5]
