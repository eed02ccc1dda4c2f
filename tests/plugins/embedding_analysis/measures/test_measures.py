"""Geometry, frequency, associations, outliers, stability, alignment: known cases and oracles."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from word_samples import related_vectors, some_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embedding_analysis.groups import columns, known, read_groups, relations
from nntasks.plugins.embedding_analysis.measures.alignment import aligned, disparity, rotation
from nntasks.plugins.embedding_analysis.measures.association import WeatTest, weat, weat_tests
from nntasks.plugins.embedding_analysis.measures.frequency import bands, frequency_effects
from nntasks.plugins.embedding_analysis.measures.isotropy import (
    isoscore,
    isotropy,
    mean_cosine,
    partition_ratio,
)
from nntasks.plugins.embedding_analysis.measures.nearest import nearest, spread
from nntasks.plugins.embedding_analysis.measures.outliers import (
    OutlierTest,
    detect,
    outlier_tests,
    read_tests,
)
from nntasks.plugins.embedding_analysis.measures.stability import jaccard, stability
from nntasks.plugins.embeddings.questions import analogies
from nntasks.plugins.embeddings.vectors import KeyedVectors


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def unit_of(matrix):
    return KeyedVectors.of([str(n) for n in range(len(matrix))], matrix).unit


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


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (read_groups, "a b c\n", "line 1: expected `name: word word ...`"),
        (read_groups, "a: b\na: c\n", "line 2: expected another name than 'a'"),
        (read_groups, "# nothing\n", "contains no groups"),
        (read_tests, "a: b c d\n", "outliers"),
        (read_tests, "a: b c |\n", "outliers"),
        (read_groups, None, "cannot read groups"),
    ],
)
def test_wrong_files_of_groups_name_what_is_wrong(tmp_path, reader, text, message):
    path = tmp_path / "groups.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        reader(path)


def test_groups_of_the_analogies_at_hand():
    vectors = related_vectors(pairs=4)
    rows = [("LEFT0", "right0", "LEFT1", "Right1"), ("LEFT0", "right0", "gone", "right2")]
    (found,) = relations(analogies("side", rows), vectors)
    assert found.pairs == [("LEFT0", "right0"), ("LEFT1", "Right1")]
    assert columns([found]) == {"side (1)": ["LEFT0", "LEFT1"], "side (2)": ["right0", "Right1"]}
    assert known({"g": ["nobody"], "h": ["Other1", "other1", "right1"]}, vectors) == {
        "h": ["other1", "right1"]
    }
