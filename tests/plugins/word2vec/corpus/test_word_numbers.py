"""The words of sentences as numbers: compiled and in Python alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples

from nntasks.plugins.word2vec.corpus import reference
from nntasks.plugins.word2vec.corpus.engine import READER


@pytest.fixture(params=["native", "python"])
def word_numbers(request):
    if request.param == "python":
        return reference.WordNumbers
    if READER.compiled() is None:
        pytest.skip("the corpus reader is not compiled")
    return READER.compiled().WordNumbers


def test_words_are_numbered_in_their_order(word_numbers):
    numbers = word_numbers([], True)
    tokens, bounds, *wrong = numbers.encode([["b", "a", "b"], (), ("ä", "a"), np.array(["b", "𝔘"])])
    assert (tokens.dtype, bounds.dtype) == (np.int32, np.int64)
    assert tokens.tolist() == [0, 1, 0, 2, 1, 0, 3]
    assert bounds.tolist() == [0, 3, 3, 5, 7]
    assert wrong == [None, None]
    assert numbers.words() == ["b", "a", "ä", "𝔘"]
    assert numbers.encode([["c", "a"]])[0].tolist() == [4, 1]
    assert len(numbers) == 5


def test_known_words_keep_their_numbers(word_numbers):
    numbers = word_numbers(["x", "y"], False)
    assert numbers.encode([["y", "z", "x"]])[0].tolist() == [1, -1, 0]
    assert len(numbers) == 2


@pytest.mark.parametrize(
    ("sentences", "sentence", "word"),
    [
        ([["a"], "text"], "text", None),
        ([["a"], b"text"], b"text", None),
        ([["a"], 5], 5, None),
        ([["a"], iter("bc")], ..., None),
        ([["a"], ["b", 5]], None, 5),
        ([["a"], ["b", b"c"]], None, b"c"),
        ([["a"], ["b", []]], None, []),
    ],
)
def test_what_is_no_word_stops(word_numbers, sentences, sentence, word):
    tokens, bounds, wrong_sentence, wrong_word = word_numbers([], True).encode(sentences)
    assert tokens[0] == 0
    assert bounds.tolist() == [0, 1]
    assert wrong_sentence == (sentences[1] if sentence is ... else sentence)
    assert wrong_word == word


words = st.text(max_size=3) | st.integers(0, 3000).map(str)


@given(st.lists(st.lists(words, max_size=80), max_size=40))
@examples(40)
def test_both_agree(sentences):
    if READER.compiled() is None:
        pytest.skip("the corpus reader is not compiled")
    ours, theirs = (kind.WordNumbers([], True) for kind in (READER.compiled(), reference))
    for some in (sentences, sentences[::2]):
        for one, other in zip(ours.encode(some)[:2], theirs.encode(some)[:2], strict=True):
            np.testing.assert_array_equal(one, other)
    assert ours.words() == theirs.words()


def test_many_words_of_one_hash_are_told_apart(word_numbers):
    class Same(str):
        def __hash__(self):
            return 7

    numbers = word_numbers([], True)
    some = [Same(f"w{n}") for n in range(3000)]
    assert numbers.encode([some])[0].tolist() == list(range(3000))
    assert numbers.encode([some[::-1]])[0].tolist() == list(range(3000))[::-1]
