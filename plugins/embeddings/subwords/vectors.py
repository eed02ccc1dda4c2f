"""Vectors of words and of their n-grams, of which unknown words get theirs.

Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", 2017,
arXiv 1607.04606.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.keyed.means import to_unit
from nntasks.plugins.embeddings.subwords.ngrams import ngram_hash, ngrams
from nntasks.plugins.embeddings.vectors import KeyedVectors

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True)
class NgramSizes:
    """Which n-grams words have.

    Attributes:
        min_n, max_n: characters of an n-gram, "<" and ">" around a word included; none are used if
            `max_n` is below `min_n`.
        bucket: number of buckets that n-grams are hashed into; 0 for no n-grams.
    """

    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000

    @property
    def used(self) -> bool:
        """Whether words have n-grams at all."""
        return self.bucket > 0 and self.max_n >= self.min_n

    def buckets_of(self, word: str) -> np.ndarray:
        """Return the buckets of a word's n-grams, int64, by their start and then their length."""
        found = ngrams(word, self.min_n, self.max_n) if self.used else ()
        return np.array([ngram_hash(one) % self.bucket for one in found], np.int64)


@dataclass
class NgramTable:
    """The vectors of n-grams, by bucket; a bucket that no word has is left out.

    Attributes:
        sizes: which n-grams there are.
        buckets: (U,) int64 different numbers, rising.
        rows: (U, D) float32.
    """

    sizes: NgramSizes
    buckets: np.ndarray
    rows: np.ndarray

    @classmethod
    def empty(cls, dim: int) -> NgramTable:
        """Return a table without rows."""
        return cls(NgramSizes(), np.zeros(0, np.int64), np.zeros((0, dim), np.float32))

    def known_ngrams(self, word: str) -> list[str]:
        """Return the n-grams of a word that have a row."""
        sizes = self.sizes
        known = set(self.buckets[self.of_word(word)[0]].tolist())
        found = ngrams(word, sizes.min_n, sizes.max_n) if known else ()
        return [one for one in found if ngram_hash(one) % sizes.bucket in known]

    def of_word(self, word: str) -> tuple[np.ndarray, int]:
        """Return the rows (n,) of a word's n-grams that have one, and the number of all n-grams."""
        wanted = self.sizes.buckets_of(word)
        left, right = (np.searchsorted(self.buckets, wanted, side) for side in ("left", "right"))
        return left[left < right], len(wanted)


class SubwordVectors(KeyedVectors):
    """Words in descending order of frequency, with a vector each, and vectors for other words.

    The vector of a word is the mean of its own row and of those of its n-grams; of an unknown
    word, the mean over its n-grams, of which those that occur in no word count as zero.

    Attributes:
        own: (V, D) float32, the words' own rows. gensim calls them `vectors_vocab`.
        table: the vectors of n-grams.
    """

    own: np.ndarray
    table: NgramTable

    def _fill(
        self, words: list[str], matrix: Any, attributes: dict[str, np.ndarray], output: Any
    ) -> None:
        super()._fill(words, matrix, attributes, output)
        self.own, self.table = matrix, NgramTable.empty(self.dim)

    def with_ngrams(self, own: Any, table: NgramTable) -> Self:
        """Set the words' own rows (V, D) and the vectors of n-grams; return these vectors.

        Raises:
            UsageError: the sizes do not fit.
        """
        shape = tuple(self.matrix.shape)
        if tuple(own.shape) != shape or table.rows.shape != (len(table.buckets), self.dim):
            raise UsageError(
                f"expected own rows of shape {shape} and {len(table.buckets)} rows of n-grams, got "
                f"{tuple(own.shape)} and {tuple(table.rows.shape)}"
            )
        self.own, self.table = own, table
        return self

    @property
    def vectors_vocab(self) -> Any:
        """(V, D) the words' own rows: gensim's name for `own`."""
        return self.own

    @property
    def vectors_ngrams(self) -> np.ndarray:
        """(bucket, D) float32, read-only: the vectors of n-grams; zeros where no word has one.

        `table.rows` and `table.buckets` hold the same in little memory.
        """
        every = np.zeros((self.table.sizes.bucket, self.dim), np.float32)
        every[self.table.buckets] = self.table.rows
        every.flags.writeable = False
        return every

    @property
    def min_n(self) -> int:
        """The fewest characters of an n-gram."""
        return self.table.sizes.min_n

    @property
    def max_n(self) -> int:
        """The most characters of an n-gram."""
        return self.table.sizes.max_n

    @property
    def bucket(self) -> int:
        """The number of buckets for n-grams."""
        return self.table.sizes.bucket

    def __contains__(self, key: object) -> bool:
        """Return whether a word or an index has a vector; `key_to_index` holds the known words."""
        known = self._place(key) is not None
        return known or (isinstance(key, str) and bool(len(self.table.of_word(key)[0])))

    def get_vector(self, key: Any, norm: bool = False) -> np.ndarray:
        """Return the vector of a word or index, (D,) float32, read-only; of length 1 if `norm`.

        Raises:
            UnknownWord: the word is unknown, and so are all its n-grams.
        """
        if isinstance(key, str) and self._place(key) is None:
            rows, count = self.table.of_word(key)
            if len(rows):
                total = np.asarray(self.table.rows[rows], np.float64).sum(0) / count
                vector = (to_unit(total) if norm else total).astype(np.float32)
                vector.flags.writeable = False
                return vector
        return super().get_vector(key, norm)

    def get_sentence_vector(self, sentence: Any) -> np.ndarray:
        """Return the mean (D,) float32 of the vectors of words, each scaled to length 1."""
        return self.get_mean_vector(sentence)

    def first(self, n: int) -> Self:
        """Return the `n` most frequent words, with all n-grams; equal calls return one object."""
        if n >= len(self):
            return self
        cut = super().first(n)
        return cut.with_ngrams(self.own[:n], self.table)

    def vectors_for_all(
        self, keys: Iterable[Any], allow_inference: bool = True, copy_vecattrs: bool = False
    ) -> Any:
        """Return the vectors of those of `keys` that have one, as `KeyedVectors`.

        Args:
            keys: words; repeats and words without a vector are left out.
            allow_inference: give unknown words the vector of their n-grams.
            copy_vecattrs: copy the attributes, 0 for unknown words; otherwise counts fall from the
                number of words to 1.
        """
        names = [
            key
            for key in dict.fromkeys(keys)
            if (key in self if allow_inference else self.has_index_for(key))
        ]
        rows = self[names] if names else np.zeros((0, self.dim), np.float32)
        made = KeyedVectors.of(names, rows, np.arange(len(names), 0, -1))
        if copy_vecattrs:
            places = np.array([-1 if (p := self._place(key)) is None else p for key in names], int)
            made.attributes = {
                name: np.where(places < 0, 0, values[places])
                for name, values in self.attributes.items()
            }
        return made

    def _append(self, names: Sequence[Any], rows: np.ndarray) -> None:
        super()._append(names, rows)
        self.own = np.concatenate([np.asarray(self.own), rows.astype(np.float32)])

    def sort_by_descending_frequency(self) -> None:
        """Sort the words by falling count; equal ones keep their order."""
        if self.counts is not None:
            self.own = np.asarray(self.own)[np.argsort(-self.counts, kind="stable")]
        super().sort_by_descending_frequency()
