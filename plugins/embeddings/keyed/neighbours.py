"""The words nearest to words and vectors.

3CosAdd: T. Mikolov, W. Yih, G. Zweig, "Linguistic Regularities in Continuous Space Word
Representations", NAACL 2013; 3CosMul: O. Levy, Y. Goldberg, CoNLL 2014.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from nntasks.plugins.embeddings.keyed.errors import NoKeys, NotOffered, WrongType, WrongValue
from nntasks.plugins.embeddings.keyed.means import Means, to_unit
from nntasks.plugins.embeddings.keyed.storage import is_key

SMALL = 1e-6  # avoids division by zero in 3CosMul, as in the paper and gensim

Ranking = list[tuple[str, float]]


class Neighbours(Means):
    """Vectors that answer which words are near."""

    @overload
    def most_similar(
        self,
        positive: Any = ...,
        negative: Any = ...,
        topn: int = ...,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: Any = ...,
    ) -> Ranking: ...

    @overload
    def most_similar(
        self,
        positive: Any = ...,
        negative: Any = ...,
        *,
        topn: None,
        clip_start: int = ...,
        clip_end: int | None = ...,
        restrict_vocab: int | None = ...,
        indexer: Any = ...,
    ) -> np.ndarray: ...

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> Ranking | np.ndarray:
        """Return the words nearest to a weighted mean of directions (3CosAdd), by falling cosine.

        Args:
            positive: a word, an index or a vector (D,) to add, or a list of these; in a list also
                pairs of one and its weight. The vectors of words are scaled to length 1, vectors
                that are given are taken as they are.
            negative: the same, to subtract: the weight is -1 where none is given.
            topn: number of words to return; None for the cosines of all words.
            clip_start, clip_end: search only the words of these indices.
            restrict_vocab: search only so many most frequent words; 0 and None for all.
            indexer: refused; the search is exact.

        Returns:
            (word, cosine) without the given words; equal cosines by falling frequency. For
            `topn=None` (n,) float32, the cosines of all words searched, in their order.

        Raises:
            UnknownWord: a word has no vector.
            NoKeys: there is neither a word nor a vector.
            WrongValue: a vector is of another size, or a number is out of range.
        """
        if indexer is not None:
            raise NotOffered(
                "most_similar: indexer is not offered, the search is exact; leave it out"
            )
        count = None if topn is None else _count("topn", topn)
        start, stop = self._span(clip_start, clip_end, restrict_vocab)
        terms = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        query = to_unit(self._mean(terms)).astype(np.float32)
        scores = self._part(start, stop) @ query
        return scores if count is None else self._best(scores, start, terms, count)

    @overload
    def most_similar_cosmul(
        self,
        positive: Any = ...,
        negative: Any = ...,
        topn: int = ...,
        restrict_vocab: int | None = ...,
    ) -> Ranking: ...

    @overload
    def most_similar_cosmul(
        self,
        positive: Any = ...,
        negative: Any = ...,
        *,
        topn: None,
        restrict_vocab: int | None = ...,
    ) -> np.ndarray: ...

    def most_similar_cosmul(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Ranking | np.ndarray:
        """Return the words near all of `positive` and far from `negative` (3CosMul).

        Cosines are scaled to 0 to 1. Those of `positive` are multiplied, those of `negative`
        divide. Arguments and order are those of `most_similar`, but for the weights, which this
        has not.
        """
        count = None if topn is None else _count("topn", topn)
        added, taken = _weighted(positive, 1.0), _weighted(negative, 1.0)
        if not added:
            raise NoKeys("expected at least one positive word or vector to be similar to")
        if any(weight != 1 for _, weight in [*added, *taken]):
            raise WrongValue("most_similar_cosmul: expected words and vectors without weights")
        start, stop = self._span(0, None, restrict_vocab)
        unit = self._part(start, stop)
        scores = self._product(unit, added) / (self._product(unit, taken) + SMALL)
        return scores if count is None else self._best(scores, start, [*added, *taken], count)

    @overload
    def similar_by_key(
        self, key: Any, topn: int = ..., restrict_vocab: int | None = ...
    ) -> Ranking: ...

    @overload
    def similar_by_key(
        self, key: Any, topn: None, restrict_vocab: int | None = ...
    ) -> np.ndarray: ...

    def similar_by_key(
        self, key: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Ranking | np.ndarray:
        """Return the words nearest to a word or index, as `most_similar`."""
        return self.most_similar(positive=[key], topn=topn, restrict_vocab=restrict_vocab)

    @overload
    def similar_by_word(
        self, word: Any, topn: int = ..., restrict_vocab: int | None = ...
    ) -> Ranking: ...

    @overload
    def similar_by_word(
        self, word: Any, topn: None, restrict_vocab: int | None = ...
    ) -> np.ndarray: ...

    def similar_by_word(
        self, word: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Ranking | np.ndarray:
        """Return the words nearest to a word or index: gensim's other name for the same."""
        return self.similar_by_key(word, topn, restrict_vocab)

    @overload
    def similar_by_vector(
        self, vector: Any, topn: int = ..., restrict_vocab: int | None = ...
    ) -> Ranking: ...

    @overload
    def similar_by_vector(
        self, vector: Any, topn: None, restrict_vocab: int | None = ...
    ) -> np.ndarray: ...

    def similar_by_vector(
        self, vector: Any, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Ranking | np.ndarray:
        """Return the words nearest to a vector (D,), as `most_similar`."""
        given = [np.asarray(vector)]
        return self.most_similar(positive=given, topn=topn, restrict_vocab=restrict_vocab)

    def _span(self, start: int, end: int | None, restrict: int | None) -> tuple[int, int]:
        """Return the indices that are searched."""
        if restrict:
            if (most := _count("restrict_vocab", restrict)) < 0:
                raise WrongValue(f"restrict_vocab: expected a whole number >= 0, got {restrict}")
            start, end = 0, most
        span = slice(_count("clip_start", start), None if not end else _count("clip_end", end))
        return span.indices(len(self))[:2]

    def _part(self, start: int, stop: int) -> np.ndarray:
        """Return the unit vectors of some indices; only those are computed at the start."""
        return self.unit[start:stop] if start else self.first(stop).unit

    def _product(self, unit: np.ndarray, terms: Sequence[tuple[Any, float]]) -> np.ndarray:
        """Return the product of the cosines with all terms, each scaled to 0 to 1."""
        product = np.ones(len(unit), dtype=np.float32)
        for key, _ in terms:
            product *= (1 + unit @ self._direction(key).astype(np.float32)) / 2
        return product

    def _best(
        self, scores: np.ndarray, start: int, terms: Sequence[tuple[Any, float]], count: int
    ) -> Ranking:
        given = [self._place(key) for key, _ in terms if is_key(key)]
        places = [place - start for place in given if place is not None]
        scores[[place for place in places if 0 <= place < len(scores)]] = -np.inf
        return [
            (self.words[start + i], float(scores[i]))
            for i in largest(scores, count)
            if scores[i] > -np.inf
        ]


def _weighted(given: Any, weight: float) -> list[tuple[Any, float]]:
    """Return what is given as pairs of a key or vector and its weight."""
    if given is None:
        return []
    single = is_key(given) or (isinstance(given, np.ndarray) and given.ndim == 1)
    if not single and not hasattr(given, "__iter__"):
        raise WrongType(f"expected a word, an index, a vector or a list of these, got {given!r}")
    return [
        (item[0], float(item[1])) if _is_pair(item) else (item, weight)
        for item in ([given] if single else given)
    ]


def _is_pair(item: Any) -> bool:
    return (
        isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], (int, float, np.number))
    )


def _count(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise WrongType(f"{name}: expected a whole number, got {value!r}") from None


def largest(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the `count` largest scores (N,), by descending score, then index."""
    count = min(count, len(scores))
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    edge = np.partition(scores, len(scores) - count)[len(scores) - count]
    # All scores that reach the threshold; the stable sort decides among equal ones.
    places = np.flatnonzero(scores >= edge)
    return places[np.argsort(-scores[places], kind="stable")][:count]
