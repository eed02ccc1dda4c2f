"""The same words and vectors as ours and as gensim's, and answers of both compared."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embeddings.vectors import KeyedVectors

WORDS = [f"w{n}" for n in range(40)]


def both(seed=0, dim=6, counts=False):
    """Return ours and gensim's vectors of forty words; counts in no order, if wanted."""
    gensim = pytest.importorskip("gensim.models")
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(len(WORDS), dim)).astype(np.float32)
    frequency = rng.permutation(len(WORDS)) + 1
    theirs = gensim.KeyedVectors(dim)
    theirs.add_vectors(WORDS, matrix)
    if counts:
        for word, count in zip(WORDS, frequency.tolist(), strict=True):
            theirs.set_vecattr(word, "count", count)
    return KeyedVectors.of(list(WORDS), matrix.copy(), frequency if counts else None), theirs


def alike(found, expected):
    """Assert that two answers hold the same words in the same order, and numbers to 1e-6."""
    if isinstance(expected, (str, bytes, bool, type(None))):
        assert found == expected
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            alike(found[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            alike(one, other)
    else:
        np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-6)


def the_same(call, seeds=(0, 1)):
    """Assert that `call` answers alike for ours and gensim's, on random vectors."""
    for seed in seeds:
        ours, theirs = both(seed)
        alike(call(ours), call(theirs))


def fail_alike(call):
    """Assert that `call` fails with the same built-in error, ours in one line."""
    ours, theirs = both()
    with pytest.raises(Exception) as expected:  # noqa: PT011
        call(theirs)
    with pytest.raises(expected.type) as caught:
        call(ours)
    assert "\n" not in str(caught.value)
