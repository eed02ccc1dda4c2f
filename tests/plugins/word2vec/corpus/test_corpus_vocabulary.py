"""Words decoded and lower-cased, merged, and sorted by their counts."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import reference, vocabulary
from nntasks.plugins.word2vec.corpus.options import CorpusOptions
from nntasks.plugins.word2vec.corpus.vocabulary import normalised, ordered


def raw(text):
    words = reference.Vocabulary(False, 99, 99)
    words.encode(text, False)
    return words, words.counts()


def normal(text, **options):
    """Return words with their counts, and the table."""
    words, counts, table = normalised(*raw(text), CorpusOptions(**options), reference)
    names = [word.decode() for word in words.take(np.arange(len(words)))]
    return dict(zip(names, counts.tolist(), strict=True)), table


class TestNormalised:
    def test_strict_words_as_they_are_cost_nothing(self):
        words, counts = raw(b"a b a")
        same, same_counts, table = normalised(words, counts, CorpusOptions(), reference)
        assert same is words
        assert same_counts is counts
        assert table is None

    @pytest.mark.parametrize("at_once", [1, 2, 1 << 16])
    def test_words_that_lower_case_makes_equal_are_merged(self, monkeypatch, at_once):
        monkeypatch.setattr(vocabulary, "_AT_ONCE", at_once)
        found, table = normal("The the ÉTÉ THE été".encode(), lowercase=True)
        assert found == {"the": 3, "été": 2}
        assert table.tolist() == [0, 0, 1, 0, 1]
        assert table.dtype == np.int32

    def test_a_word_of_which_nothing_is_left_has_no_number(self):
        found, table = normal(b"a \xff\xfe b\xff b a", errors="ignore")
        assert found == {"a": 2, "b": 2}
        assert table.tolist() == [0, -1, 1, 1]

    def test_replaced_bytes_become_the_replacement_character(self):
        found, _ = normal(b"a\xff a\xfe", errors="replace")
        assert found == {"a\ufffd": 2}


class TestOrdered:
    def order(self, text, **options):
        names, numbers = ordered(*raw(text), CorpusOptions(**{"min_count": 1, **options}))
        return [name.decode() for name in names], numbers.tolist()

    def test_by_descending_count_and_then_by_bytes(self):
        names, numbers = self.order("b é z b é a z".encode())
        assert names == ["b", "z", "é", "a"]
        assert numbers == [0, 2, 1, 3]

    def test_rare_words_are_left_out_and_only_the_first_kept(self):
        text = b"a a a b b b c c d"
        assert self.order(text, min_count=2) == (["a", "b", "c"], [0, 1, 2])
        assert self.order(text, max_vocabulary=2) == (["a", "b"], [0, 1])

    def test_nothing_but_rare_words(self):
        message = (
            "all 3 words occur fewer than min_count=5 times; the most frequent, 'b', occurs 2 "
            "times: set min_count=2 or less, or give more text"
        )
        with pytest.raises(UsageError, match=message):
            self.order(b"a b b c", min_count=5)

    def test_one_word_only(self):
        with pytest.raises(
            UsageError, match=r"one word only \('b', 2 times\): expected .* 2 times"
        ):
            self.order(b"a b b", min_count=2)
