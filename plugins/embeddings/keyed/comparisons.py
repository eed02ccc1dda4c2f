"""How near words are to one another: cosines, distances, ranks, and the odd one out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nntasks.plugins.embeddings.keyed.errors import NoKeys, NotOffered
from nntasks.plugins.embeddings.keyed.means import to_unit
from nntasks.plugins.embeddings.keyed.neighbours import Neighbours
from nntasks.plugins.embeddings.keyed.transport import cost

_LOG = logging.getLogger(__name__)


class Comparisons(Neighbours):
    """Vectors that are compared. A zero vector has the cosine 0 with everything."""

    def similarity(self, w1: Any, w2: Any) -> float:
        """Return the cosine of two words, in -1 to 1; 0 if a vector is zero."""
        x, y = (self.get_vector(word).astype(np.float64) for word in (w1, w2))
        lengths = float(np.sqrt((x @ x) * (y @ y)))
        return float(np.clip(x @ y / lengths, -1, 1)) if lengths else 0.0

    def distance(self, w1: Any, w2: Any) -> float:
        """Return 1 minus the cosine of two words, in 0 to 2."""
        return 1 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Any, ws2: Any) -> float:
        """Return the cosine of the means of two lists of words; 0 if none of one has a vector.

        Vectors are not scaled before the mean; words without a vector are left out.

        Raises:
            NoKeys: a list is empty.
        """
        means = [
            to_unit(self.get_mean_vector(words, pre_normalize=False).astype(np.float64))
            for words in (ws1, ws2)
        ]
        return float(means[0] @ means[1])

    @staticmethod
    def cosine_similarities(vector_1: Any, vectors_all: Any) -> np.ndarray:
        """Return the cosines (N,) float32 of a vector (D,) with each row of an (N, D) array."""
        vector = to_unit(np.asarray(vector_1, dtype=np.float64))
        rows = np.asarray(vectors_all, dtype=np.float64)
        lengths = np.linalg.norm(rows, axis=1)
        return (rows @ vector / np.where(lengths == 0, 1, lengths)).astype(np.float32)

    def distances(self, word_or_vector: Any, other_words: Iterable[Any] | None = ()) -> np.ndarray:
        """Return 1 minus the cosine with each of `other_words`, or with all words: (n,) float32."""
        query = to_unit(self._direction(word_or_vector)).astype(np.float32)
        places = [self.index(word) for word in other_words or ()]
        return 1 - (self.unit[places] if places else self.unit) @ query

    def closer_than(self, key1: Any, key2: Any) -> list[str]:
        """Return the words that are closer to `key1` than `key2` is."""
        all_distances, place = self.distances(key1), self.index(key1)
        closer = np.flatnonzero(all_distances < all_distances[self.index(key2)])
        return [self.words[other] for other in closer.tolist() if other != place]

    def words_closer_than(self, word1: Any, word2: Any) -> list[str]:
        """Return the words that are closer to `word1`: gensim's older name of `closer_than`."""
        return self.closer_than(word1, word2)

    def rank(self, key1: Any, key2: Any) -> int:
        """Return the rank of `key2` among all words by distance from `key1`, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def most_similar_to_given(self, key1: Any, keys_list: Sequence[Any]) -> Any:
        """Return the one of `keys_list` that is nearest to `key1`; the first of equal ones."""
        if not len(keys_list):
            raise NoKeys("expected at least one word to choose from, got an empty list")
        return keys_list[int(np.argmax([self.similarity(key1, key) for key in keys_list]))]

    def rank_by_centrality(self, words: Iterable[Any], use_norm: bool = True) -> list[Any]:
        """Return (similarity, word) by falling similarity to the mean of all the words.

        Args:
            words: words without a vector are left out, with a warning.
            use_norm: scale vectors to length 1 first; otherwise the dot product with the mean,
                scaled to length 1, is the similarity.

        Raises:
            NoKeys: none of the words has a vector.
        """
        given = list(words)
        known = [word for word in given if word in self]
        if len(known) < len(given):
            absent = [word for word in given if word not in self]
            _LOG.warning("words without a vector are left out: %s", ", ".join(map(repr, absent)))
        if not known:
            raise NoKeys("expected at least one word that has a vector to choose from")
        rows = np.stack([self._direction(word, use_norm) for word in known])
        scores = rows @ to_unit(rows.mean(axis=0))
        order = np.argsort(-scores, kind="stable")
        return [(float(scores[place]), known[place]) for place in order.tolist()]

    def doesnt_match(self, words: Iterable[Any]) -> Any:
        """Return the word farthest from the mean of all; the first of equal ones.

        Words without a vector are left out, with a warning.

        Raises:
            NoKeys: none of the words has a vector.
        """
        ranking = self.rank_by_centrality(words)
        return next(word for score, word in ranking if score == ranking[-1][0])

    def relative_cosine_similarity(self, wa: Any, wb: Any, topn: int = 10) -> float:
        """Return the cosine of two words, divided by the sum of those of `wa`'s nearest words.

        A. Leeuwenberg et al., "A Minimally Supervised Approach for Synonym Extraction with Word
        Embeddings", PBML 105 (2016), equation 1.
        """
        near = self.similar_by_word(wa, topn)
        total = sum(cosine for _, cosine in near)
        return self.similarity(wa, wb) / total if total else 0.0

    def wmdistance(
        self, document1: Sequence[Any], document2: Sequence[Any], norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two documents: lists of words.

        Each word has the weight of its share of the document, and moves by Euclidean distance.
        Words without a vector are left out. M. Kusner et al., "From Word Embeddings To Document
        Distances", ICML 2015.

        Args:
            document1, document2: words, with repeats.
            norm: scale vectors to length 1 first.

        Returns:
            The distance; infinity if a document has no word with a vector.
        """
        places, shares = [], []
        for document in (document1, document2):
            known = np.array(
                [self.index(word) for word in document if self.has_index_for(word)], dtype=np.int64
            )
            if not len(known):
                return float("inf")
            found, counts = np.unique(known, return_counts=True)
            places.append(found)
            shares.append(counts / len(known))
        a, b = (
            np.stack([self._direction(self.words[place], norm) for place in found])
            for found in places
        )
        lengths = np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))
        return cost(shares[0], shares[1], lengths)

    def similarity_unseen_docs(self, *args: Any, **kwargs: Any) -> float:
        """Refused: it belongs to document vectors."""
        raise NotOffered("similarity_unseen_docs is not offered: it needs vectors of documents")
