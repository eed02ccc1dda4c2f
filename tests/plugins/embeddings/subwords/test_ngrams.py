"""N-grams and their buckets: against gensim, and the compiled ones against Python's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.embeddings.subwords.ngrams import ngram_buckets, ngram_hash, ngrams
from nntasks.plugins.word2vec.corpus.engine import READER

WORDS = ["where", "a", "", "naïve", "ÄÖ", "日本語", "a<b>", "𝔘x", "aaaaaaaa", "don't"]
SIZES = [(3, 6), (1, 1), (1, 3), (2, 2), (5, 4), (6, 9)]


def test_the_ngrams_of_a_word():
    assert list(ngrams("walk", 3, 3)) == ["<wa", "wal", "alk", "lk>"]
    assert "<walk>" in list(ngrams("walk", 3, 6))
    assert list(ngrams("ab", 1, 2)) == ["<a", "a", "ab", "b", "b>"]


def test_hashes_are_fnv_1a_with_the_sign_of_bytes():
    assert ngram_hash("") == 2166136261
    assert ngram_hash("a") == 0xE40C292C  # the published vector of FNV-1a
    assert ngram_hash("ï") != ngram_hash("a")


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("word", WORDS)
def test_buckets_are_those_of_gensim(word, sizes):
    theirs = pytest.importorskip("gensim.models.fasttext").ft_ngram_hashes
    starts, found = ngram_buckets([word.encode()], *sizes, 2_000_000)
    assert found.tolist() == list(theirs(word, *sizes, 2_000_000))
    assert starts.tolist() == [0, len(found)]


@given(
    words=st.lists(st.text(max_size=12).filter(lambda word: "\0" not in word), max_size=8),
    least=st.integers(1, 4),
    more=st.integers(-1, 4),
    buckets=st.sampled_from((1, 7, 2**31 - 1)),
)
@examples(60)
def test_compiled_buckets_are_those_of_python(words, least, more, buckets):
    compiled = READER.compiled()
    if compiled is None:
        pytest.skip("the corpus reader is not compiled")
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    ours = compiled.ngram_buckets(encoded, least, least + more, buckets)
    for one, other in zip(ours, ngram_buckets(encoded, least, least + more, buckets), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
