"""`SubwordVectors`: unknown words get the mean of their n-grams."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.subwords.ngrams import ngram_buckets, ngram_hash, ngrams
from nntasks.plugins.embeddings.subwords.parts import Parts
from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable, SubwordVectors
from nntasks.plugins.embeddings.vectors import KeyedVectors

WORDS, DIM = ["walking", "walked", "talking", "sky"], 5
SIZES = NgramSizes(3, 5, 1000)


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    starts, found = ngram_buckets([word.encode() for word in WORDS], *SIZES.__dict__.values())
    buckets = np.unique(found).astype(np.int64)
    rows = rng.normal(size=(len(WORDS) + len(buckets), DIM)).astype(np.float32)
    parts = Parts.of(starts, found, buckets)
    made = SubwordVectors.of(list(WORDS), parts.means(rows), [9, 7, 5, 3])
    return made.with_ngrams(rows[: len(WORDS)], NgramTable(SIZES, buckets, rows[len(WORDS) :]))


def rows_of(vectors, word):
    """Return the n-gram rows of a word, one by one; zeros where there is none."""
    places = {int(bucket): row for bucket, row in enumerate(vectors.vectors_ngrams)}
    return [places[ngram_hash(one) % 1000] for one in ngrams(word, 3, 5)]


def test_a_word_is_the_mean_of_its_row_and_its_ngrams(vectors):
    for place, word in enumerate(WORDS):
        rows = [vectors.vectors_vocab[place], *rows_of(vectors, word)]
        np.testing.assert_allclose(vectors[word], np.mean(rows, axis=0), rtol=1e-5, atol=1e-6)


def test_an_unknown_word_is_the_mean_of_its_ngrams(vectors):
    expected = np.mean(rows_of(vectors, "talked"), axis=0)
    np.testing.assert_allclose(vectors["talked"], expected, rtol=1e-5, atol=1e-6)
    unit = vectors.get_vector("talked", norm=True)
    np.testing.assert_allclose(unit, expected / np.linalg.norm(expected), rtol=1e-5)
    assert not unit.flags.writeable


def test_who_is_known(vectors):
    assert "talked" in vectors
    assert "talked" not in vectors.key_to_index
    assert not vectors.has_index_for("talked")
    assert "xq" not in vectors
    assert 5 not in vectors
    with pytest.raises(KeyError, match="none of the 4 words"):
        vectors["xq"]
    with pytest.raises(KeyError):
        vectors.get_index("talked")
    assert vectors.get_index("talked", -1) == -1


def test_unknown_words_are_compared_as_others_are(vectors):
    assert vectors.similarity("talked", "talked") == pytest.approx(1)
    ranked = vectors.most_similar("talked", topn=4)
    assert {word for word, _ in ranked} == {*WORDS}
    for word, cosine in ranked:
        assert cosine == pytest.approx(vectors.similarity("talked", word), abs=1e-6)
    assert len(vectors.most_similar(["talked", "sky"], topn=9)) == 3
    assert vectors.doesnt_match(["walking", "walked", "sky", "walks"]) in {*WORDS, "walks"}
    assert vectors.distances("talked").shape == (4,)
    chosen = vectors.vectors_for_all(["sky", "talked", "xq"], copy_vecattrs=True)
    assert chosen.words == ["sky", "talked"]
    assert chosen.counts.tolist() == [3, 0]
    assert np.array_equal(chosen["talked"], vectors["talked"])
    assert vectors.vectors_for_all(["talked", "sky"], allow_inference=False).words == ["sky"]


def test_files_keep_the_ngrams(vectors, tmp_path):
    vectors.save(tmp_path / "all.safetensors")
    for load, mmap in ((SubwordVectors, None), (KeyedVectors, None), (KeyedVectors, "r")):
        again = load.load(tmp_path / "all.safetensors", mmap=mmap)
        assert isinstance(again, SubwordVectors)
        assert np.array_equal(again["talked"], vectors["talked"])
        assert again.table.sizes == SIZES
    vectors.save_word2vec_format(tmp_path / "words.txt")
    plain = SubwordVectors.load(tmp_path / "words.txt")
    assert np.allclose(plain["sky"], vectors["sky"])
    assert "talked" not in plain


def test_changes_keep_rows_and_words_together(vectors):
    before = vectors["talked"]
    vectors.add_vector("new", np.ones(DIM))
    assert vectors.vectors_vocab.shape == (5, DIM)
    vectors.set_vecattr("sky", "count", 100)
    row = vectors.vectors_vocab[3].copy()
    vectors.sort_by_descending_frequency()
    assert vectors.words[0] == "sky"
    assert np.array_equal(vectors.vectors_vocab[0], row)
    assert np.array_equal(vectors["talked"], before)
    first = vectors.first(2)
    assert (len(first), np.array_equal(first["talked"], before)) == (2, True)


def test_wrong_sizes_are_refused(vectors, tmp_path):
    with pytest.raises(UsageError, match="own rows of shape"):
        vectors.with_ngrams(vectors.own[:2], vectors.table)
    vectors.table.buckets = vectors.table.buckets[::-1]
    vectors.save(tmp_path / "all.safetensors")
    with pytest.raises(UsageError, match="rising buckets"):
        KeyedVectors.load(tmp_path / "all.safetensors")


@pytest.mark.parametrize("sizes", [NgramSizes(3, 2), NgramSizes(bucket=0)])
def test_without_ngrams_only_words_are_known(sizes):
    made = SubwordVectors.of(["cat"], np.ones((1, 3), np.float32))
    made.table.sizes = sizes
    assert "cats" not in made
    assert made.vectors_ngrams.shape == (sizes.bucket, 3)
