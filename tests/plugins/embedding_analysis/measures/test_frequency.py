"""Effects of frequency."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embedding_analysis.measures.frequency import bands, frequency_effects
from nntasks.plugins.embedding_analysis.measures.nearest import spread
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_frequency_effects_find_lengths_that_grow_with_frequency(rng):
    matrix = rng.normal(size=(300, 5))
    matrix /= np.linalg.norm(matrix, axis=1)[:, None] * np.arange(1, 301)[:, None]
    words = [str(n) for n in range(300)]
    found = frequency_effects(KeyedVectors.of(words, matrix), 1000, 5)
    assert found.norm_correlation == pytest.approx(1)
    assert abs(found.rank_correlation) < 0.2
    clusters = np.repeat(rng.normal(size=(10, 5)), 30, axis=0) + 0.01 * matrix
    assert frequency_effects(KeyedVectors.of(words, clusters), 1000, 5).rank_correlation > 0.95


def test_bands_hold_every_word_once():
    places = spread(5000, 300)
    cut = bands(places)
    assert sorted(i for _, _, members in cut for i in members) == list(range(len(places)))
    assert cut[0][0] == 0
    assert cut[-1][1] == 4999
    assert bands(np.array([], dtype=int)) == []
