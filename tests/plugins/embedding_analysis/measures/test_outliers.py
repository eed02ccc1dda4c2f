"""Outliers of groups of words."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.embedding_analysis.measures.outliers import (
    OutlierTest,
    detect,
    outlier_tests,
)
from nntasks.plugins.embeddings.vectors import KeyedVectors


def plane(**angles):
    """Return words in a plane, by angle in degrees."""
    turned = np.deg2rad(np.array(list(angles.values()), dtype=float))
    return KeyedVectors.of(list(angles), np.stack([np.cos(turned), np.sin(turned)], axis=1))


def test_outliers_are_found_where_they_lie_apart():
    vectors = plane(a=0, b=5, c=-5, far=90, near=2, other=3)
    found = detect(vectors, OutlierTest("t", ["a", "b", "c"], ["far", "near", "nobody"]))
    assert found.asked == 2
    assert found.accuracy == 0.5
    assert found.missed == [("near", "c")]
    assert found.absent == 1
    assert found.position == pytest.approx((1 + 1 / 3) / 2)
    tests = outlier_tests({"x": ["a", "b", "c"], "y": ["far", "near", "other"], "z": ["q"]})
    assert [(t.name, t.outliers) for t in tests] == [
        ("x", ["far", "near", "other"]),
        ("y", ["a", "b", "c"]),
    ]
