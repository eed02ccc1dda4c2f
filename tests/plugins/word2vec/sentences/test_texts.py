"""Texts become numbers in pieces: sentences stay whole, and no word is lost."""

from __future__ import annotations

import numpy as np
import pytest
from small_sentences import Again, sentences

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.sentences import texts

LISTS = [*sentences(50), [], ["cat"], [], *sentences(20, seed=3), []]


@pytest.fixture(params=["list", "iterable", "file"])
def text(request, tmp_path):
    if request.param == "file":
        (tmp_path / "text.txt").write_text("".join(" ".join(s) + "\n" for s in LISTS))
        return texts.of_file(tmp_path / "text.txt")
    return texts.of_sentences(LISTS if request.param == "list" else Again(LISTS))


@pytest.mark.parametrize("size", [7, 100, 1 << 17])
def test_pieces_hold_the_text(text, monkeypatch, size):
    monkeypatch.setattr(texts, "WORDS_A_PIECE", size)
    monkeypatch.setattr(texts, "_SENTENCES_A_TIME", 5)
    monkeypatch.setattr(texts, "_LISTED_A_TIME", 5)
    words = [w for w in dict.fromkeys(w for s in LISTS for w in s) if w not in ("dog", "red")]
    places = {word: place for place, word in enumerate(words)}
    found = []
    for piece in text.pieces(places):
        assert piece.tokens.dtype == np.int32
        assert piece.bounds[0] == 0
        assert piece.bounds[-1] == len(piece.tokens)
        found += [
            [words[n] for n in piece.tokens[a:b]]
            for a, b in zip(piece.bounds[:-1], piece.bounds[1:], strict=True)
        ]
    expected = [[word for word in one if word in places] for one in LISTS]
    assert [one for one in found if one] == [one for one in expected if one]


def test_counts(text):
    assert text.words == sum(map(len, LISTS))
    assert text.counts == {w: sum(s.count(w) for s in LISTS) for w in {w for s in LISTS for w in s}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("a text", "expected lists of words, got str"),
        (5, "expected lists of words, got int"),
        (iter([["a"]]), "a generator or an iterator"),
        (["one two", "three"], "expected each to be a list of words, got 'one two'"),
        ([["a"], 5], "expected each to be a list of words, got '5'"),
        ([["a", 5]], "expected words as text, got 5"),
        ([["a", []]], r"expected words as text, got \[\]"),
    ],
)
def test_what_is_no_text_is_refused(given, said):
    with pytest.raises(TypeError, match=said) as caught:
        texts.of_sentences(given)
    assert isinstance(caught.value, UsageError)
    with pytest.raises(FileNotFoundError):
        texts.of_file("absent.txt")
