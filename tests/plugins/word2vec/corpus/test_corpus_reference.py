"""The inner loops of the corpus reader: small examples, and the compiled ones give the same."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.word2vec.corpus import reference
from nntasks.plugins.word2vec.corpus.engine import READER

ENGINES = ["reference", "compiled"]


@pytest.fixture(params=ENGINES)
def engine(request):
    """Have every test run on both implementations."""
    if request.param == "reference":
        return reference
    compiled = READER.compiled()
    if compiled is None:
        pytest.skip("the corpus reader is not compiled")
    return compiled


def int32(*numbers):
    return np.array(numbers, np.int32)


def test_the_white_space_is_that_of_python():
    characters = [chr(code) for code in range(0x3100)]  # there is none beyond
    found = reference.SPACE.findall("x".join(characters).encode())
    assert [space.decode() for space in found] == [char for char in characters if char.isspace()]


class TestVocabulary:
    def encoded(self, engine, *texts, lines=True, strict=True, longest=99, most=99):
        words = engine.Vocabulary(strict, longest, most)
        return words, [words.encode(text, lines) for text in texts]

    def test_words_are_numbered_as_they_come_and_counted(self, engine):
        words, found = self.encoded(engine, b"b a b", b" c a ")
        assert [numbers.tolist() for numbers, *_ in found] == [[0, 1, 0], [2, 1]]
        assert words.counts().tolist() == [2, 2, 1]
        assert [bytes(word) for word in words.take(int32(2, 0))] == [b"c", b"b"]
        assert len(words) == 3

    def test_a_line_ends_once_if_it_has_words_and_always_at_the_first_end(self, engine):
        _, [(numbers, refused, size)] = self.encoded(engine, b"\n\na b\n \nc\n")
        assert numbers.tolist() == [-1, 0, 1, -1, 2, -1]
        assert (refused, size) == (-1, 0)
        assert numbers.dtype == np.int32

    def test_without_lines_a_text_is_one_sentence(self, engine):
        _, [(numbers, *_)] = self.encoded(engine, b"a\nb\n", lines=False)
        assert numbers.tolist() == [0, 1]

    def test_the_first_word_that_is_not_utf8_is_refused_those_before_are_numbered(self, engine):
        words, [(numbers, refused, size)] = self.encoded(engine, b"ab cd e\xff\xfef gh")
        assert (numbers.tolist(), refused, size) == ([0, 1], 6, 4)
        assert words.counts().tolist() == [1, 1]

    def test_any_bytes_are_words_where_strictness_is_off(self, engine):
        words, [(numbers, refused, _)] = self.encoded(engine, b"\xff a \xff", strict=False)
        assert (numbers.tolist(), refused) == ([0, 1, 0], -1)
        assert words.counts().tolist() == [2, 1]

    def test_longer_words_are_refused(self, engine):
        _, [(numbers, refused, size)] = self.encoded(engine, b"abc abcd", longest=3)
        assert (numbers.tolist(), refused, size) == ([0], 4, 4)

    def test_more_words_than_numbers_are_refused(self, engine):
        words, _ = self.encoded(engine, b"a b a", most=2)
        with pytest.raises(ValueError, match="too many different words"):
            words.encode(b"c", True)


class TestRenumber:
    def test_dropped_words_leave_and_sentences_end_where_their_words_do(self, engine):
        renumber = engine.Renumber(int32(1, -1, 0))
        kept, ends = renumber.add(int32(0, 1, -1, 1, -1, 2))
        assert (kept.tolist(), ends.tolist()) == ([1, 0], [1])  # the second sentence is empty now
        kept, ends = renumber.add(int32(-1, 0, 2, -1, -1))
        assert (kept.tolist(), ends.tolist()) == ([1, 0], [2, 4])
        assert renumber.total == 4
        assert (kept.dtype, ends.dtype) == (np.int32, np.int64)

    def test_a_piece_without_words_ends_no_sentence_twice(self, engine):
        renumber = engine.Renumber(int32(0))
        assert renumber.add(int32(0, -1))[1].tolist() == [1]
        kept, ends = renumber.add(int32(-1, -1))
        assert (kept.tolist(), ends.tolist()) == ([], [])


class TestPairCounts:
    def pairs(self, counts, least):
        a, b, times = counts.above(least)
        return list(zip(a.tolist(), b.tolist(), times.tolist(), strict=True))

    def test_neighbours_are_counted_across_pieces_but_not_across_sentences(self, engine):
        counts = engine.PairCounts(0, 1)
        counts.add(int32(0, 1, 0))
        counts.add(int32(1, -1, 2, 0, 1))
        assert self.pairs(counts, 0) == [(0, 1, 3), (1, 0, 1), (2, 0, 1)]
        assert self.pairs(counts, 1) == [(0, 1, 3)]
        assert self.pairs(counts, 3) == []
        assert len(counts) == 3

    def test_the_parts_are_the_whole_without_overlap(self, engine):
        numbers = np.random.default_rng(0).integers(-1, 9, 300).astype(np.int32)
        whole = engine.PairCounts(0, 1)
        whole.add(numbers)
        found = []
        for part in range(4):
            some = engine.PairCounts(part, 4)
            some.add(numbers)
            found += self.pairs(some, 0)
        assert sorted(found) == self.pairs(whole, 0)


class TestJoiner:
    def joined(self, engine, *pieces, pairs=((0, 1, 9), (1, 2, 8))):
        joiner = engine.Joiner(*(int32(*column) for column in zip(*pairs, strict=True)))
        return [joiner.add(int32(*piece)).tolist() for piece in pieces], joiner.counts().tolist()

    def test_from_left_to_right_and_each_word_once(self, engine):
        found, counts = self.joined(engine, (0, 1, 2, -1, 1, 2, 3, -1))
        assert found == [[9, 2, -1, 8, 3, -1]]
        assert counts == [1, 1]

    def test_a_last_word_that_may_join_waits_for_the_next_piece(self, engine):
        found, counts = self.joined(engine, (5, 0), (1, 0), (3, -1))
        assert found == [[5], [9], [0, 3, -1]]
        assert counts == [1, 0]

    def test_a_sentence_parts_the_words(self, engine):
        assert self.joined(engine, (0, -1, 1, -1)) == ([[0, -1, 1, -1]], [0, 0])

    def test_a_pair_of_one_word(self, engine):
        found, counts = self.joined(engine, (4, 4, 4, -1), pairs=((4, 4, 7),))
        assert (found, counts) == ([[7, 4, -1]], [1])


def test_both_give_the_same_for_random_numbers():
    compiled = READER.compiled()
    if compiled is None:
        pytest.skip("the corpus reader is not compiled")
    rng = np.random.default_rng(0)
    pieces = [rng.integers(-1, 12, 200).astype(np.int32) for _ in range(5)]
    table = rng.integers(-1, 9, 12).astype(np.int32)
    columns = (int32(0, 3, 3), int32(1, 3, 5), int32(12, 13, 14))
    renumber = [engine.Renumber(table) for engine in (reference, compiled)]
    joiner = [engine.Joiner(*columns) for engine in (reference, compiled)]
    for piece in pieces:
        (kept, ends), (kept_too, ends_too) = (one.add(piece) for one in renumber)
        assert np.array_equal(kept, kept_too)
        assert np.array_equal(ends, ends_too)
        first, second = (one.add(piece) for one in joiner)
        assert np.array_equal(first, second)
