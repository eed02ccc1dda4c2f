"""WEAT by its definition."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.measures.association import WeatTest, weat, weat_tests
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def plane(**angles):
    """Return words in a plane, by angle in degrees."""
    turned = np.deg2rad(np.array(list(angles.values()), dtype=float))
    return KeyedVectors.of(list(angles), np.stack([np.cos(turned), np.sin(turned)], axis=1))


def test_weat_by_its_definition():
    vectors = plane(x1=0, x2=10, x3=20, y1=80, y2=95, y3=70, a1=5, a2=15, b1=85, b2=90)
    test = WeatTest("t", ["x1", "x2", "x3"], ["y1", "y2", "y3"], ["a1", "a2"], ["b1", "b2"])
    found = weat(vectors, test, permutations=1000, seed=0)
    cos = vectors.similarity
    s = {
        w: np.mean([cos(w, a) for a in test.a]) - np.mean([cos(w, b) for b in test.b])
        for w in [*test.x, *test.y]
    }
    mean = np.mean([s[w] for w in test.x]) - np.mean([s[w] for w in test.y])
    assert found.effect == pytest.approx(mean / np.std(list(s.values()), ddof=1), abs=1e-6)
    assert found.exact
    assert found.p == pytest.approx(1 / 20)  # no other of the 20 partitions has this effect
    turned = weat(vectors, WeatTest("t", test.x, test.y, test.b, test.a), permutations=1000, seed=0)
    assert turned.effect == pytest.approx(-found.effect)
    assert turned.p == 1


def test_drawn_permutations_are_near_to_all_of_them(rng):
    words = [f"w{n}" for n in range(24)]
    vectors = KeyedVectors.of(words, rng.normal(size=(24, 3)))
    test = WeatTest("t", words[:6], words[6:12], words[12:18], words[18:])
    exact = weat(vectors, test, permutations=1000, seed=0)
    drawn, again = (weat(vectors, test, permutations=900, seed=0) for _ in range(2))
    assert exact.exact
    assert not drawn.exact
    assert drawn == again
    assert drawn.p == pytest.approx(exact.p, abs=0.06)


def test_weat_without_words_has_no_effect():
    found = weat(
        plane(a=0, b=1), WeatTest("t", ["a"], ["b"], ["c"], ["d"]), permutations=100, seed=0
    )
    assert np.isnan(found.effect)
    assert (found.used, found.all) == (2, 4)
    with pytest.raises(UsageError, match="four groups per test"):
        weat_tests({"a": ["b"]}, "file")
