"""Cosines, distances, ranks: gensim's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from keyed_sides import both, fail_alike, the_same
from scipy.optimize import linear_sum_assignment

from nntasks.plugins.embeddings.vectors import KeyedVectors

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:gensim")


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.similarity("w1", "w2"),
        lambda kv: kv.similarity("w1", 4),
        lambda kv: kv.distance("w1", "w2"),
        lambda kv: kv.n_similarity(["w1", "w2"], ["w3", "w4", "nowhere"]),
        lambda kv: kv.n_similarity(["w1"], ["nowhere"]),
        lambda kv: kv.distances("w1"),
        lambda kv: kv.distances("w1", None),
        lambda kv: kv.distances("w1", ["w2", 3]),
        lambda kv: kv.distances(kv["w1"] * 2, ("w2",)),
        lambda kv: kv.distances(4),
        lambda kv: [kv.rank("w1", f"w{n}") for n in range(40)],
        lambda kv: kv.closer_than("w1", "w9"),
        lambda kv: kv.closer_than("w1", "w1"),
        lambda kv: kv.words_closer_than("w5", "w9"),
        lambda kv: kv.doesnt_match(["w1", "w2", "w3"]),
        lambda kv: kv.doesnt_match(["w1", "w2", "nowhere", 7]),
        lambda kv: kv.doesnt_match(["w1"]),
        lambda kv: kv.rank_by_centrality(["w1", "w2", "w3", "w4"]),
        lambda kv: kv.rank_by_centrality(["w1", "nowhere", "w3", "w4"], use_norm=False),
        lambda kv: kv.relative_cosine_similarity("w1", "w2"),
        lambda kv: kv.relative_cosine_similarity("w1", "w2", topn=3),
        lambda kv: kv.most_similar_to_given("w1", ["w2", "w3", "w9"]),
        lambda kv: kv.cosine_similarities(kv["w1"], kv.vectors),
    ],
)
def test_comparisons_are_those_of_gensim(call):
    the_same(call)


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.similarity("w1", "nowhere"),
        lambda kv: kv.n_similarity([], ["w1"]),
        lambda kv: kv.distances("nowhere"),
        lambda kv: kv.distances("w1", ["nowhere"]),
        lambda kv: kv.closer_than("w1", "nowhere"),
        lambda kv: kv.doesnt_match([]),
        lambda kv: kv.doesnt_match(["nowhere"]),
        lambda kv: kv.rank_by_centrality(["nowhere"]),
        lambda kv: kv.most_similar_to_given("w1", []),
        lambda kv: kv.similarity_unseen_docs([], []),
    ],
)
def test_mistakes_fail_as_in_gensim(call):
    fail_alike(call)


def test_a_zero_vector_is_like_nothing():  # gensim answers nan
    kv = KeyedVectors.of(["none", "one"], np.array([[0, 0], [1, 0]], np.float32))
    assert kv.similarity("none", "one") == 0
    assert kv.distances("none").tolist() == [1, 1]
    assert kv.n_similarity(["none"], ["one"]) == 0
    assert kv.get_vector("none", norm=True).tolist() == [0, 0]


def test_documents_of_equal_length_move_as_in_an_assignment():
    ours, _ = both()
    a, b = ["w1", "w2", "w3", "w4"], ["w5", "w6", "w7", "w8"]
    for norm in (True, False):
        x, y = (np.stack([ours.get_vector(w, norm=norm) for w in words]) for words in (a, b))
        lengths = np.linalg.norm(x[:, None].astype(float) - y[None], axis=2)
        expected = lengths[linear_sum_assignment(lengths)].mean()
        assert ours.wmdistance(a, b, norm=norm) == pytest.approx(expected, abs=1e-6)


def test_documents_of_other_lengths():
    ours, _ = both()
    x, y = (ours.get_vector(word, norm=True).astype(float) for word in ("w1", "w2"))
    length = np.linalg.norm(x - y)
    assert ours.wmdistance(["w1"], ["w2", "nowhere"]) == pytest.approx(length, abs=1e-6)
    # A third of the weight is there already.
    assert ours.wmdistance(["w1"], ["w1", "w2", "w2"]) == pytest.approx(length * 2 / 3, abs=1e-6)
    assert ours.wmdistance(["w1", "w2"], ["w2", "w1"]) == pytest.approx(0, abs=1e-6)
    assert ours.wmdistance(["nowhere"], ["w1"]) == float("inf")
