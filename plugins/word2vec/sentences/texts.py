"""Texts that `Word2Vec` reads: lists of sentences, iterables that are read again, files.

Each counts its words, and yields itself as word numbers in pieces, once an epoch. A list and a file
become numbers once; an iterable is read again for each epoch, and never held in memory.
"""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import numpy as np

from nntasks.plugins.embeddings.keyed.errors import NoFile, WrongType
from nntasks.plugins.word2vec.corpus import CorpusOptions, encode
from nntasks.plugins.word2vec.corpus.engine import READER

WORDS_A_PIECE = 1 << 17
# Of an iterable. More of them would leave the processor's caches before they are numbers, and the
# garbage collector would look at them again and again.
_SENTENCES_A_TIME = 1 << 8
_LISTED_A_TIME = 1 << 12  # of a list, which has them all


@dataclass(frozen=True)
class Piece:
    """Consecutive sentences as word numbers.

    Attributes:
        tokens: (n,) int32, the words of the vocabulary.
        bounds: (s + 1,) int64, from 0 to n: where sentences begin, and the end.
        words: number of words read, with those outside the vocabulary.
    """

    tokens: np.ndarray
    bounds: np.ndarray
    words: int


class Text(ABC):
    """A text whose words are counted.

    Attributes:
        counts: how often each word occurs, in order of first occurrence.
        sentences: number of sentences.
        words: number of words.
        is_read_again: whether each pass reads it anew, by code of its own.
    """

    is_read_again = False
    counts: Mapping[str, int]
    sentences: int
    words: int

    @abstractmethod
    def pieces(self, places: Mapping[str, int]) -> Iterator[Piece]:
        """Yield the text in pieces, with the number of each word; other words are left out."""


class WholeText(Text):
    """A text held as numbers.

    Args:
        words: the word of each number.
        tokens: (n,) int32 numbers, may be memory-mapped.
        bounds: (s + 1,) int64 from 0 to n.
        folder: a temporary folder of `tokens`, kept as long as this object.
    """

    def __init__(
        self, words: list[str], tokens: np.ndarray, bounds: np.ndarray, folder: Any = None
    ) -> None:
        self._words, self._tokens, self._bounds, self._folder = words, tokens, bounds, folder
        counts = np.bincount(tokens, minlength=len(words)) if len(tokens) else np.zeros(0, int)
        self.counts = dict(zip(words, counts.tolist(), strict=True))
        self.sentences, self.words = len(bounds) - 1, len(tokens)
        self._made_for: Mapping[str, int] | None = None
        self._made: list[Piece] = []

    def pieces(self, places: Mapping[str, int]) -> Iterator[Piece]:
        if self._folder is not None:
            return self._make(places)
        if self._made_for is not places:  # in memory, a pass is the same pieces as the one before
            self._made_for, self._made = places, list(self._make(places))
        return iter(self._made)

    def _make(self, places: Mapping[str, int]) -> Iterator[Piece]:
        table = np.fromiter(map(places.get, self._words, repeat(-1)), np.int32)
        first = 0
        while first < self.sentences:
            last = _end(self._bounds, first)
            bounds = np.asarray(self._bounds[first : last + 1])
            yield _piece(table[self._tokens[bounds[0] : bounds[-1]]], bounds - bounds[0])
            first = last


class StreamText(Text):
    """Sentences of an iterable that is read again for each pass."""

    is_read_again = True

    def __init__(self, sentences: Iterable[Any]) -> None:
        self._source = sentences
        numbers = READER.chosen().WordNumbers([], True)
        counts = np.zeros(0, np.int64)
        self.sentences = self.words = 0
        for tokens, bounds in self._numbered(numbers):
            fresh = np.bincount(tokens, minlength=len(numbers))
            fresh[: len(counts)] += counts
            counts = fresh
            self.sentences += len(bounds) - 1
            self.words += len(tokens)
        self.counts = dict(zip(numbers.words(), counts.tolist(), strict=True))
        self._known_for: Mapping[str, int] | None = None
        self._known: Any = None

    def pieces(self, places: Mapping[str, int]) -> Iterator[Piece]:
        if self._known_for is not places:
            self._known = READER.chosen().WordNumbers(list(places), False)
            self._known_for = places
        tokens, bounds = np.empty(0, np.int32), np.zeros(1, np.int64)
        for fresh, ends in self._numbered(self._known):
            tokens = np.concatenate([tokens, fresh])
            bounds = np.concatenate([bounds, bounds[-1] + ends[1:]])
            while bounds[-1] > WORDS_A_PIECE:  # pieces are cut as those of a whole text
                last = _end(bounds, 0)
                yield _piece(tokens[: bounds[last]], bounds[: last + 1])
                tokens, bounds = tokens[bounds[last] :], bounds[last:] - bounds[last]
        if len(bounds) > 1:
            yield _piece(tokens, bounds)

    def _numbered(self, numbers: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the words of sentences as numbers, and bounds; a piece of words or more a time."""
        parts: list[np.ndarray] = []
        sizes, words = [np.zeros(1, np.int64)], 0
        for some in _chunks(self._source, _SENTENCES_A_TIME):
            tokens, ends = _encode(numbers, some)
            parts.append(tokens)
            sizes.append(np.diff(ends))
            words += len(tokens)
            if words > WORDS_A_PIECE:
                yield np.concatenate(parts), np.cumsum(np.concatenate(sizes))
                parts, sizes, words = [], sizes[:1], 0
        if parts:
            yield np.concatenate(parts), np.cumsum(np.concatenate(sizes))


def of_sentences(sentences: Any) -> Text:
    """Return the text of a list of sentences, or of an iterable of them that can be read again.

    Raises:
        WrongType: it is a generator, or no sentences of words.
    """
    if isinstance(sentences, (str, bytes)) or not hasattr(sentences, "__iter__"):
        raise WrongType(
            f"sentences: expected lists of words, got {type(sentences).__name__}; a file is "
            "corpus_file="
        )
    if iter(sentences) is sentences:
        raise WrongType(
            "sentences: expected an iterable that can be read again for each epoch, got a "
            "generator or an iterator; give a list, or an object whose __iter__ starts over"
        )
    if not isinstance(sentences, (list, tuple)):
        return StreamText(sentences)
    numbers = READER.chosen().WordNumbers([], True)
    parts, sizes = [np.empty(0, np.int32)], [np.zeros(1, np.int64)]
    for some in _chunks(sentences, _LISTED_A_TIME):
        tokens, ends = _encode(numbers, some)
        parts.append(tokens)
        sizes.append(np.diff(ends))
    return WholeText(numbers.words(), np.concatenate(parts), np.cumsum(np.concatenate(sizes)))


def of_file(path: str | Path) -> Text:
    """Return the text of a file, a sentence a line, read by the compiled reader.

    Raises:
        NoFile: there is no such file.
        UsageError: it is no text.
    """
    if not Path(path).exists():
        raise NoFile(f"corpus_file: there is no file {path}")
    folder = tempfile.TemporaryDirectory(prefix="nntasks-word2vec-")
    corpus = encode([path], folder.name, CorpusOptions(min_count=1))
    return WholeText(corpus.words, corpus.tokens, np.asarray(corpus.sentences), folder)


def given(sentences: Any, corpus_file: Any) -> Text | None:
    """Return the text of what is given; None if nothing is."""
    if sentences is not None and corpus_file is not None:
        raise WrongType("expected sentences or corpus_file, got both")
    if corpus_file is not None:
        return of_file(corpus_file)
    return None if sentences is None else of_sentences(sentences)


def required(sentences: Any, corpus_file: Any) -> Text:
    """Return the text of what is given, which must be something."""
    text = given(sentences, corpus_file)
    if text is None:
        raise WrongType("expected a text: sentences or corpus_file=")
    return text


def _chunks(sentences: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """Yield some sentences at a time."""
    source = iter(sentences)
    while some := list(islice(source, most)):
        yield some


def _encode(numbers: Any, sentences: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return words as numbers, and where sentences begin and the last ends."""
    tokens, bounds, sentence, word = numbers.encode(sentences)
    if sentence is not None:
        raise WrongType(
            f"sentences: expected each to be a list of words, got {str(sentence)[:40]!r}; split it"
        )
    if word is not None:
        raise WrongType(f"sentences: expected words as text, got {word!r}")
    return tokens, bounds


def _end(bounds: np.ndarray, first: int) -> int:
    """Return the sentence before which the piece ends that begins with sentence `first`."""
    goal = bounds[first] + WORDS_A_PIECE
    return max(int(np.searchsorted(bounds, goal, side="right")) - 1, first + 1)


def _piece(tokens: np.ndarray, bounds: np.ndarray) -> Piece:
    """Return a piece without the words of number -1."""
    kept = tokens >= 0
    before = np.concatenate(([0], np.cumsum(kept)))
    return Piece(np.ascontiguousarray(tokens[kept]), before[bounds], len(tokens))
