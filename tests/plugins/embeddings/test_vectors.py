"""Similar words, the odd one out, words that are not there; against gensim."""

from __future__ import annotations

import numpy as np
import pytest
from word_samples import as_gensim, some_vectors

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.errors import UnknownWord
from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.vectors import KeyedVectors

# It divides by the length of a zero vector, and calls what it calls deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore::RuntimeWarning:gensim", "ignore::DeprecationWarning:gensim"
)


@pytest.fixture(scope="module")
def ours():
    return some_vectors()


@pytest.fixture(scope="module")
def theirs(ours):
    pytest.importorskip("gensim")
    return as_gensim(ours)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [("北京", ()), (["naïve", "🙂"], ["word3"]), (["word1"], ["word2", "3.14"])],
)
@pytest.mark.parametrize("method", ["most_similar", "most_similar_cosmul"])
def test_similar_words_are_those_of_gensim(ours, theirs, method, positive, negative):
    found = getattr(ours, method)(positive, negative, topn=7)
    expected = getattr(theirs, method)(positive=positive, negative=list(negative), topn=7)
    assert [word for word, _ in found] == [word for word, _ in expected]
    np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=2e-6)


def test_restricting_looks_among_the_most_frequent_words(ours, theirs):
    found = ours.most_similar("word40", topn=5, restrict_vocab=20)
    expected = theirs.most_similar("word40", topn=5, restrict_vocab=20)
    assert [word for word, _ in found] == [word for word, _ in expected]


def test_similarity_and_the_odd_one_out_are_those_of_gensim(ours, theirs):
    assert ours.similarity("naïve", "3.14") == pytest.approx(
        float(theirs.similarity("naïve", "3.14")), abs=1e-6
    )
    words = ["word1", "word5", "北京", "word9"]
    assert ours.doesnt_match(words) == theirs.doesnt_match(words)


def test_a_zero_vector_is_like_nothing():
    vectors = KeyedVectors.of(["none", "one"], np.array([[0, 0], [1, 0]], np.float32))
    assert vectors.similarity("none", "one") == 0
    assert vectors.similarity("none", "none") == 0
    assert vectors.most_similar("none") == [("one", 0.0)]
    assert np.array_equal(vectors.unit[0], [0, 0])


def test_vectors_may_stand_for_words(ours):
    assert ours.most_similar([ours["word2"]], topn=1)[0][0] == "word2"
    assert ours.most_similar("word2", topn=0) == []
    assert len(ours.most_similar("word2", topn=1000)) == len(ours) - 1


def test_the_matrix_is_not_copied_and_the_first_words_share_it():
    matrix = np.eye(4, dtype=np.float32)
    vectors = KeyedVectors.of(list("abcd"), matrix, [4, 3, 2, 1])
    assert vectors.matrix is matrix
    part = vectors.first(2)
    assert part.words == ["a", "b"]
    assert part.counts.tolist() == [4, 3]
    assert np.shares_memory(part.matrix, matrix)
    assert vectors.first(2) is part
    assert vectors.first(9) is vectors


def test_an_unknown_word_names_the_nearest_spellings(ours):
    with pytest.raises(UnknownWord, match=r"^'word' is none of the 60 words.*'word\d'") as caught:
        ours.similarity("word", "word1")
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KeyedVectors.of(["a"], np.zeros((2, 3))), "matrix of 1 rows"),
        (lambda: KeyedVectors.of(["a"], np.zeros((1, 3)), [1, 2]), "expected 1 counts"),
        (
            lambda: KeyedVectors.of(["a"], np.zeros((1, 3)), None, np.zeros((1, 2))),
            "output vectors",
        ),
        (lambda: KeyedVectors.of(["a", "a"], np.zeros((2, 3)))["a"], "'a' occurs more than once"),
        (lambda: KeyedVectors.of(["a"], np.array([[np.nan]])).unit, "vector of 'a' holds"),
        (lambda: some_vectors().most_similar(), "at least one word"),
        (lambda: some_vectors().most_similar([np.zeros(3)]), "vector of 8 numbers"),
        (lambda: some_vectors().most_similar("word1", restrict_vocab=-1), "restrict_vocab"),
        (lambda: some_vectors().doesnt_match(["not there"]), "at least one word that has"),
    ],
)
def test_mistakes_are_one_line(make, message):
    with pytest.raises(UsageError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_equal_scores_keep_the_order_of_the_words():
    scores = np.array([1, 3, 2, 3, 3, 0], np.float32)
    assert largest(scores, 2).tolist() == [1, 3]
    assert largest(scores, 5).tolist() == [1, 3, 4, 2, 0]
    assert largest(scores, 0).tolist() == []
