"""Procrustes against SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embedding_analysis.measures.alignment import aligned, disparity, rotation


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_procrustes_finds_a_rotation_and_is_that_of_scipy(rng):
    linalg = pytest.importorskip("scipy.linalg")
    source, noise = rng.normal(size=(40, 5)), 0.1 * rng.normal(size=(40, 5))
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    np.testing.assert_allclose(rotation(source, source @ turn), turn, atol=1e-10)
    theirs = linalg.orthogonal_procrustes(source, source @ turn + noise)[0]
    np.testing.assert_allclose(rotation(source, source @ turn + noise), theirs, atol=1e-10)
    target = 3 * source @ turn + 7
    np.testing.assert_allclose(aligned(source, target), target, atol=1e-9)
    assert disparity(source, target) == pytest.approx(0, abs=1e-12)
    spatial = pytest.importorskip("scipy.spatial")
    other = rng.normal(size=(40, 5))
    # SciPy scales both sides to 1 first, so its disparity is this share.
    assert disparity(source, other) == pytest.approx(spatial.procrustes(other, source)[2])
