"""The inner loops of the corpus reader in Python; csrc/host/corpus.cpp gives the same bytes.

Texts are bytes, cut between words. Words are numbered in order of occurrence; -1 ends a sentence.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np

from nntasks.plugins.embeddings.subwords.ngrams import ngram_buckets
from nntasks.plugins.word2vec.corpus.word_numbers import WordNumbers

__all__ = ["Joiner", "PairCounts", "Renumber", "Vocabulary", "WordNumbers", "ngram_buckets"]

_WIDE = (
    rb"[\x1c-\x1f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f"
    rb"|\xe3\x80\x80"
)
SPACE = re.compile(rb"[\t-\r ]|" + _WIDE)  # the white space of str.split(), in UTF-8
_NOT_OF_BYTES = re.compile(_WIDE)  # white space that bytes.split() ignores


class Vocabulary:
    """Words by number.

    Args:
        strict: refuse words that are not UTF-8.
        longest: largest size of a word, in bytes.
        most: largest number of different words.
    """

    def __init__(self, strict: bool, longest: int, most: int) -> None:
        self._strict, self._longest, self._most = strict, longest, most
        self._numbers: dict[bytes, int] = {}
        self._counts = np.zeros(0, np.int64)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def encode(self, data: bytes, lines: bool) -> tuple[np.ndarray, int, int]:
        """Number the words of a text that begins and ends between words.

        Args:
            data: bytes, UTF-8 or not.
            lines: put -1 at the end of each line that has words, and at the first line end,
                because words may precede this text.

        Returns:
            int32 numbers; the offset of a refused word (not UTF-8 or too long), or -1; its bytes.
            The words before it are numbered.
        """
        with self._lock:
            return self._encode(data, lines)

    def _encode(self, data: bytes, lines: bool) -> tuple[np.ndarray, int, int]:
        text = _NOT_OF_BYTES.sub(b" ", data)
        numbers: list[int] = []
        words = 0
        for index, line in enumerate(text.split(b"\n") if lines else [text]):
            if index and (index == 1 or (numbers and numbers[-1] >= 0)):
                numbers.append(-1)
            for word in line.split():
                number = self._number(word)
                if number < 0:
                    refused = next(islice(_beginnings(data), words, None))
                    return self._counted(numbers), refused, len(word)
                numbers.append(number)
                words += 1
        return self._counted(numbers), -1, 0

    def counts(self) -> np.ndarray:
        """Return the occurrences of each word: (words,) int64."""
        return np.pad(self._counts, (0, len(self) - len(self._counts)))

    def take(self, numbers: np.ndarray) -> list[bytes]:
        """Return the words with these numbers."""
        words = list(self._numbers)
        return [words[number] for number in numbers.tolist()]

    def _number(self, word: bytes) -> int:
        number = self._numbers.get(word)
        if number is not None:
            return number
        if len(word) > self._longest or (self._strict and not _is_utf8(word)):
            return -1
        if len(self) >= self._most:
            raise ValueError("too many different words")
        return self._numbers.setdefault(word, len(self))

    def _counted(self, numbers: list[int]) -> np.ndarray:
        array = np.array(numbers, np.int32)
        fresh = np.bincount(array[array >= 0], minlength=len(self))
        fresh[: len(self._counts)] += self._counts
        self._counts = fresh
        return array


def _beginnings(data: bytes) -> Iterator[int]:
    """Yield the offsets of words."""
    place = 0
    for space in SPACE.finditer(data):
        if space.start() > place:
            yield place
        place = space.end()
    if place < len(data):
        yield place


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


class Renumber:
    """Gives words their final numbers, and finds sentence ends.

    Args:
        table: (words,) int32, the new number of each word; -1 drops it.
    """

    def __init__(self, table: np.ndarray) -> None:
        self._table = np.append(table, np.int32(-1))  # -1 stays -1
        self._last = 0
        self.total = 0

    def add(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the new numbers of kept words, and the ends of non-empty sentences.

        Ends are int64 and count the words kept from the first `add` on.
        """
        fresh = self._table[numbers]
        kept = fresh >= 0
        ends = self.total + np.cumsum(kept)[numbers < 0]
        ends = np.unique(ends[ends > self._last])
        self._last = int(ends[-1]) if len(ends) else self._last
        self.total += int(kept.sum())
        return fresh[kept], ends.astype(np.int64)


class PairCounts:
    """Counts neighbouring pairs, of which only those in part `part` of `parts`."""

    def __init__(self, part: int, parts: int) -> None:
        self._part, self._parts = part, parts
        self._counts: Counter[tuple[int, int]] = Counter()
        self._last = -1

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, numbers: np.ndarray) -> None:
        """Add the next piece of a text; -1 separates sentences."""
        words = [self._last, *numbers.tolist()]
        self._last = words[-1]
        self._counts.update(
            (a, b)
            for a, b in pairwise(words)
            if a >= 0 and b >= 0 and (a * 31 + b) % self._parts == self._part
        )

    def above(self, least: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs that occur more than `least` times: first, second, count."""
        found = sorted(pair for pair, count in self._counts.items() if count > least)
        pairs = np.array(found, np.int32).reshape(-1, 2)
        counts = np.array([self._counts[pair] for pair in found], np.int64)
        return pairs[:, 0].copy(), pairs[:, 1].copy(), counts


class Joiner:
    """Joins pairs from left to right; a word belongs to at most one pair.

    Args:
        a, b: (pairs,) int32, the words of each pair.
        joined: (pairs,) int32, the joined word of each pair.
    """

    def __init__(self, a: np.ndarray, b: np.ndarray, joined: np.ndarray) -> None:
        pairs = zip(a.tolist(), b.tolist(), strict=True)
        self._places = {pair: place for place, pair in enumerate(pairs)}
        self._begins = set(a.tolist())
        self._joined = joined.tolist()
        self._counts = [0] * len(self._joined)
        self._held = -1

    def add(self, numbers: np.ndarray) -> np.ndarray:
        """Return the next piece of a text, joined. A last word that may still join is held back."""
        out: list[int] = []
        for word in numbers.tolist():
            place = self._places.get((self._held, word))
            if place is not None:
                out.append(self._joined[place])
                self._counts[place] += 1
                self._held = -1
                continue
            if self._held >= 0:
                out.append(self._held)
            self._held = word if word in self._begins else -1
            if self._held < 0:
                out.append(word)
        return np.array(out, np.int32)

    def counts(self) -> np.ndarray:
        """Return how often each pair was joined."""
        return np.array(self._counts, np.int64)
