"""Words and their vectors, with the methods of gensim's `KeyedVectors`.

3CosAdd: T. Mikolov, W. Yih, G. Zweig, "Linguistic Regularities in Continuous Space Word
Representations", NAACL 2013; 3CosMul: O. Levy, Y. Goldberg, CoNLL 2014.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from nntasks.errors import UsageError, did_you_mean

SMALL = 1e-6  # avoids division by zero in 3CosMul, as in the paper and gensim
_CHUNK = 1 << 14  # rows normalised at a time


class UnknownWord(UsageError, KeyError):
    """A word outside the vocabulary."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show quotes around the sentence


class WordVectors:
    """Words in descending order of frequency, with a vector each.

    Args:
        words: V distinct words.
        matrix: (V, D) floats, not copied; may be memory-mapped. Any object with `shape` and rows by
            index, slice or array of indices will do.
        counts: (V,) occurrences of each word; None if unknown.
        output: (V, D) the output ("context") vectors trained with `matrix`, if available.

    Raises:
        UsageError: the sizes do not fit, or the words are not distinct.
    """

    def __init__(
        self,
        words: Sequence[str],
        matrix: Any,
        counts: np.ndarray | None = None,
        output: Any = None,
    ) -> None:
        self.words = words if isinstance(words, list) else list(words)
        self.matrix = matrix
        self.counts = None if counts is None else np.asarray(counts, dtype=np.int64)
        self.output = output
        self._firsts: dict[int, WordVectors] = {}
        self._check()

    def _check(self) -> None:
        if len(self.matrix.shape) != 2 or self.matrix.shape[0] != len(self.words):
            raise UsageError(
                f"expected a matrix of {len(self.words)} rows, one a word, got shape "
                f"{tuple(self.matrix.shape)}"
            )
        if self.counts is not None and self.counts.shape != (len(self.words),):
            raise UsageError(
                f"expected {len(self.words)} counts, one a word, got shape {self.counts.shape}"
            )
        if self.output is not None and tuple(self.output.shape) != tuple(self.matrix.shape):
            raise UsageError(
                f"expected output vectors of shape {tuple(self.matrix.shape)}, got "
                f"{tuple(self.output.shape)}"
            )

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __getitem__(self, word: str) -> np.ndarray:
        """Return the vector of a word, (D,) float32."""
        return np.asarray(self.matrix[self.index(word)], dtype=np.float32)

    @property
    def dim(self) -> int:
        """The dimensions of a vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def _places(self) -> dict[str, int]:
        places = {word: place for place, word in enumerate(self.words)}
        if len(places) < len(self.words):
            first = next(w for place, w in enumerate(self.words) if places[w] != place)
            raise UsageError(f"expected different words, but {first!r} comes more than once")
        return places

    def index(self, word: str) -> int:
        """Return the index of a word in order of frequency, from 0.

        Raises:
            UnknownWord: names the words with the most similar spelling.
        """
        try:
            return self._places[word]
        except KeyError:
            hint = did_you_mean(word, self._spelt_alike(word))
            raise UnknownWord(
                f"{word!r} is none of the {len(self)} words that have a vector.{hint}"
            ) from None

    def _spelt_alike(self, word: str) -> list[str]:
        """Return candidates of similar spelling: about the same length, same start or end."""
        low = word.lower()
        return [
            known
            for known in self.words
            if abs(len(known) - len(word)) < 3
            and (known[:1].lower() == low[:1] or known[-2:].lower() == low[-2:])
        ]

    @cached_property
    def unit(self) -> np.ndarray:
        """(V, D) float32, computed once: vectors scaled to length 1; zero vectors stay zero.

        Raises:
            UsageError: a value is not finite.
        """
        unit = np.empty(tuple(self.matrix.shape), dtype=np.float32)
        for start in range(0, len(self), _CHUNK):
            rows = np.asarray(self.matrix[start : start + _CHUNK], dtype=np.float32)
            lengths = np.sqrt(np.einsum("nd,nd->n", rows, rows, dtype=np.float64))
            if not np.isfinite(lengths).all():
                wrong = self.words[start + int(np.flatnonzero(~np.isfinite(lengths))[0])]
                raise UsageError(f"the vector of {wrong!r} holds numbers that are not finite")
            lengths[lengths == 0] = 1
            np.divide(rows, lengths[:, None], out=unit[start : start + _CHUNK], casting="same_kind")
        return unit

    def first(self, n: int) -> WordVectors:
        """Return the `n` most frequent words; equal calls return the same object."""
        if n >= len(self):
            return self
        if n not in self._firsts:
            cut = WordVectors(
                self.words[:n],
                self.matrix[:n],
                None if self.counts is None else self.counts[:n],
                None if self.output is None else self.output[:n],
            )
            if "unit" in self.__dict__:
                cut.__dict__["unit"] = self.unit[:n]
            self._firsts[n] = cut
        return self._firsts[n]

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words, in -1 to 1; 0 if a vector is zero."""
        x, y = (self[word].astype(np.float64) for word in (a, b))
        lengths = float(np.sqrt((x @ x) * (y @ y)))
        return float(np.clip(x @ y / lengths, -1, 1)) if lengths else 0.0

    def most_similar(
        self,
        positive: str | Sequence[str | np.ndarray] = (),
        negative: str | Sequence[str | np.ndarray] = (),
        topn: int = 10,
        restrict: int | None = None,
    ) -> list[tuple[str, float]]:
        """Return the words nearest to a sum of directions (3CosAdd), by descending cosine.

        Args:
            positive: words or vectors (D,) to add; a single word is accepted.
            negative: words or vectors to subtract.
            topn: number of words to return.
            restrict: search only so many most frequent words.

        Returns:
            (word, cosine) without the given words; equal cosines by descending frequency.
        """
        added, taken, given = self._given(positive, negative)
        query = sum(added, np.zeros(self.dim)) - sum(taken, np.zeros(self.dim))
        length = float(np.sqrt(query @ query))
        query = (query / length if length else query).astype(np.float32)
        return self._best(self._among(restrict).unit @ query, given, topn)

    def most_similar_cosmul(
        self,
        positive: str | Sequence[str | np.ndarray] = (),
        negative: str | Sequence[str | np.ndarray] = (),
        topn: int = 10,
        restrict: int | None = None,
    ) -> list[tuple[str, float]]:
        """Return the words near all of `positive` and far from `negative` (3CosMul).

        Cosines are scaled to 0 to 1. Those of `positive` are multiplied, those of `negative`
        divide. Arguments and order are those of `most_similar`.
        """
        added, taken, given = self._given(positive, negative)
        unit = self._among(restrict).unit
        near, far = (
            [(1 + unit @ vector.astype(np.float32)) / 2 for vector in group]
            for group in (added, taken)
        )
        ones = np.ones(len(unit), dtype=np.float32)
        scores = np.prod([ones, *near], axis=0) / (np.prod([ones, *far], axis=0) + SMALL)
        return self._best(scores, given, topn)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """Return the word farthest from the mean of all; the first of equal ones.

        Raises:
            UsageError: there are fewer than two words, or a word has no vector.
        """
        if len(words) < 2:
            raise UsageError(f"expected at least two words to compare, got {len(words)}")
        directions = np.stack([self._direction(word) for word in words])
        return words[int(np.argmin(directions @ directions.mean(axis=0)))]

    def _among(self, restrict: int | None) -> WordVectors:
        if restrict is not None and restrict < 1:
            raise UsageError(f"restrict: expected a whole number >= 1, got {restrict}")
        return self if restrict is None else self.first(restrict)

    def _direction(self, word: str | np.ndarray) -> np.ndarray:
        """Return the unit vector (D,) float64 of a word or of a vector."""
        vector = self[word] if isinstance(word, str) else np.asarray(word)
        if vector.shape != (self.dim,):
            raise UsageError(f"expected a vector of {self.dim} numbers, got shape {vector.shape}")
        vector = vector.astype(np.float64)
        length = float(np.sqrt(vector @ vector))
        return vector / length if length else vector

    def _given(self, positive: Any, negative: Any) -> tuple[list[Any], list[Any], list[int]]:
        """Return the positive and negative directions, and the indices of the given words."""
        groups = [[g] if isinstance(g, str) else list(g) for g in (positive, negative)]
        if not groups[0] and not groups[1]:
            raise UsageError("expected at least one word or vector to be similar to")
        given = [self.index(w) for group in groups for w in group if isinstance(w, str)]
        added, taken = ([self._direction(word) for word in group] for group in groups)
        return added, taken, given

    def _best(self, scores: np.ndarray, given: Sequence[int], topn: int) -> list[tuple[str, float]]:
        scores[[place for place in given if place < len(scores)]] = -np.inf
        return [
            (self.words[i], float(scores[i])) for i in largest(scores, topn) if scores[i] > -np.inf
        ]


def largest(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the `count` largest scores (N,), by descending score, then index."""
    count = min(count, len(scores))
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    edge = np.partition(scores, len(scores) - count)[len(scores) - count]
    # All scores that reach the threshold; the stable sort decides among equal ones.
    places = np.flatnonzero(scores >= edge)
    return places[np.argsort(-scores[places], kind="stable")][:count]
