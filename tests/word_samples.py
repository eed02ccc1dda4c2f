"""Small sets of words and vectors for tests."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.embeddings.vectors import KeyedVectors

STRANGE = ["naïve", "北京", "Ελλάδα", "a\u00a0b", "x\u2028y", "🙂", "don't", "3.14"]


def some_vectors(count=60, dim=8, seed=0, counts=True):
    """Return vectors of strange and plain words, with one row of zeros."""
    words = STRANGE + [f"word{n}" for n in range(count - len(STRANGE))]
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(count, dim)).astype(np.float32)
    matrix[count // 2] = 0
    matrix[1, 0] = 1e-30
    frequency = np.sort(rng.integers(1, 10_000, count))[::-1]
    return KeyedVectors.of(words, matrix, frequency if counts else None)


def related_vectors(pairs=12, dim=24, seed=1, noise=0.8):
    """Return vectors of `LEFTn` and `rightn` that differ by one direction and some noise."""
    rng = np.random.default_rng(seed)
    base, shift = rng.normal(size=(pairs, dim)), 2 * rng.normal(size=dim)
    left = base + noise * rng.normal(size=base.shape)
    right = base + shift + noise * rng.normal(size=base.shape)
    extra = rng.normal(size=(30, dim))
    words = [f"LEFT{n}" for n in range(pairs)] + [f"right{n}" for n in range(pairs)]
    words += [f"Right{n}" for n in range(5)]  # rarer spellings of words that are there
    words += [f"other{n}" for n in range(25)]
    matrix = np.concatenate([left, right, extra]).astype(np.float32)
    return KeyedVectors.of(words, matrix)


def as_gensim(vectors):
    """Return the same words and vectors as gensim holds them."""
    from gensim.models import KeyedVectors

    theirs = KeyedVectors(vectors.dim)
    theirs.add_vectors(vectors.words, np.asarray(vectors.matrix))
    return theirs
