"""The n-grams of many words at once, and their rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from nntasks.plugins.embeddings.subwords.parts import Parts
from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable, SubwordVectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.corpus.engine import READER
from nntasks.seeding import Seeds


@dataclass(frozen=True)
class Subwords:
    """The n-grams of the words of a run, each bucket a row of its own after those of the words.

    Attributes:
        sizes: which n-grams words have.
        buckets: (U,) int64 those in use, rising.
        parts: the rows of each word; None if words have no n-grams.
    """

    sizes: NgramSizes
    buckets: np.ndarray
    parts: Parts | None

    @classmethod
    def of(cls, words: list[str], min_n: int, max_n: int, bucket: int) -> Subwords:
        """Return the n-grams of words; none if `max_n` is 0."""
        sizes = NgramSizes(min_n, max_n, bucket)
        if not sizes.used:
            return cls(sizes, np.zeros(0, np.int64), None)
        starts, found = buckets_of_words(words, sizes)
        buckets = np.unique(found).astype(np.int64)
        return cls(sizes, buckets, Parts.of(starts, found, buckets))

    @property
    def said(self) -> str:
        """What a run says of them."""
        if self.parts is None:
            return ""
        each = len(self.parts.rows) / max(len(self.parts.starts) - 1, 1) - 1
        return f"; {each:.1f} n-grams a word, in {len(self.buckets):,} buckets"

    def parts_on(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Return the rows of each word as tensors for `skipgram`."""
        if self.parts is None:
            return None
        starts, rows = (torch.from_numpy(one) for one in (self.parts.starts, self.parts.rows))
        return starts.to(device), rows.to(device)

    def names(self, words: list[str]) -> list[str]:
        """Return what each row is of."""
        return [*words, *(f"n-grams of bucket {bucket}" for bucket in self.buckets.tolist())]

    def vectors(
        self, words: list[str], inputs: np.ndarray, counts: np.ndarray, outputs: np.ndarray
    ) -> KeyedVectors:
        """Return the vectors of words from the rows (V + U, D) of words and n-grams."""
        if self.parts is None:
            return KeyedVectors.of(words, inputs, counts, outputs)
        table = NgramTable(self.sizes, self.buckets, inputs[len(words) :])
        made = SubwordVectors.of(words, self.parts.means(inputs), counts, outputs)
        return made.with_ngrams(inputs[: len(words)], table)


def buckets_of_words(words: Iterable[str], sizes: NgramSizes) -> tuple[np.ndarray, np.ndarray]:
    """Return where the n-grams of each of W words begin, (W + 1,), and their buckets, int32."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    if not sizes.used:
        return np.zeros(len(encoded) + 1, np.int64), np.zeros(0, np.int32)
    found = READER.chosen().ngram_buckets(encoded, sizes.min_n, sizes.max_n, sizes.bucket)
    return found[0], found[1]


def all_rows(vectors: SubwordVectors) -> np.ndarray:
    """Return the rows (V + U, D) of words and then of n-grams, as `Parts` numbers them."""
    return np.concatenate([np.asarray(vectors.own), np.asarray(vectors.table.rows)])


def with_buckets(table: NgramTable, found: np.ndarray, seed: int) -> None:
    """Give a row to each bucket found that has none; the others keep theirs."""
    have = len(table.buckets)
    left, right = (np.searchsorted(table.buckets, found, side) for side in ("left", "right"))
    if (left < right).all():
        return
    fresh = np.setdiff1d(found, table.buckets)
    rows = first_rows(len(fresh), table.rows.shape[1], seed, "ngrams", have)
    buckets = np.concatenate([table.buckets, fresh])
    order = np.argsort(buckets)
    table.buckets, table.rows = buckets[order], np.concatenate([table.rows, rows])[order]


def first_rows(count: int, dim: int, seed: int, stream: str, place: int) -> np.ndarray:
    """Return (count, dim) float32, uniform in -1 / dim to 1 / dim, as fastText begins."""
    drawn = Seeds(seed).numpy(stream, place).random((count, dim), dtype=np.float32)
    return (2 * drawn - 1) / np.float32(dim)
