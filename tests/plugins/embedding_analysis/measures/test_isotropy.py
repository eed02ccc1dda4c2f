"""Isotropy: even against one-sided vectors, and its definitions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from nntasks.plugins.embedding_analysis.measures.isotropy import (
    isoscore,
    isotropy,
    mean_cosine,
    partition_ratio,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def unit_of(matrix):
    return KeyedVectors.of([str(n) for n in range(len(matrix))], matrix).unit


def test_isotropy_of_even_and_of_one_sided_vectors(rng):
    even = rng.normal(size=(4000, 6))
    one_sided = even + np.array([8, 0, 0, 0, 0, 0])
    line = np.outer(rng.normal(size=500), np.eye(6)[0])
    a, b = (isotropy(matrix, unit_of(matrix)) for matrix in (even, one_sided))
    assert abs(a.mean_cosine) < 0.01
    assert b.mean_cosine > 0.85
    assert a.partition_ratio > 0.8
    assert b.partition_ratio < 1e-3
    assert a.isoscore > 0.99
    assert a.dimensions == pytest.approx(6, abs=0.1)
    assert isotropy(line, unit_of(line)).isoscore == pytest.approx(0, abs=1e-9)
    assert isotropy(line, unit_of(line)).dimensions == pytest.approx(1)
    assert isoscore(np.ones(5)) == pytest.approx(1)
    # Rudman et al. 2022: k of n directions used evenly score (k - 1) / (n - 1).
    assert isoscore(np.array([1.0, 1, 0, 0, 0])) == pytest.approx(1 / 4)
    assert np.isnan(isotropy(np.ones((3, 2)), unit_of(np.ones((3, 2)))).isoscore)


def test_isotropy_by_its_definitions(rng):
    matrix = rng.normal(size=(30, 4)) + 0.3
    unit = unit_of(matrix)
    pairs = [unit[i] @ unit[j] for i, j in combinations(range(30), 2)]
    assert mean_cosine(unit) == pytest.approx(np.mean(pairs), abs=1e-6)
    _, directions = np.linalg.eigh(matrix.T @ matrix)
    sums = [np.exp(sign * matrix @ c).sum() for c in directions.T for sign in (1, -1)]
    assert partition_ratio(matrix) == pytest.approx(min(sums) / max(sums))
    assert partition_ratio(matrix * 1000) == 0  # and no overflow
