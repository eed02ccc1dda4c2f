"""`FastText` with gensim's names: `Word2Vec` whose words are made of character n-grams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nntasks.plugins.embeddings.subwords.parts import Parts
from nntasks.plugins.embeddings.subwords.vectors import NgramSizes, NgramTable, SubwordVectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.sentences.model import Word2Vec
from nntasks.plugins.word2vec.sentences.options import Options, SubwordOptions
from nntasks.plugins.word2vec.sentences.passes import Training
from nntasks.plugins.word2vec.sentences.vocabulary import add_words
from nntasks.plugins.word2vec.subwords import (
    all_rows,
    buckets_of_words,
    first_rows,
    with_buckets,
)


class FastText(Word2Vec):
    """Word vectors of sentences, made of those of character n-grams; also for unknown words.

    The vector of a word is the mean of its own row and the rows of its n-grams: Bojanowski, Grave,
    Joulin and Mikolov, "Enriching Word Vectors with Subword Information", 2017, arXiv 1607.04606.
    N-grams are hashed as in fastText. Trained by the kernel of `Word2Vec`, with its options.

    Args:
        sentences, corpus_file: as for `Word2Vec`.
        sg: 1 for skip-gram, 0 for CBOW.
        hs: refused unless 0.
        options: `min_n`, `max_n`, `bucket`, and the options of `Word2Vec`; see `SubwordOptions`.
            `word_ngrams=0` switches n-grams off.

    Attributes:
        wv: words and their vectors, as `SubwordVectors`: `wv["unknown"]` is the mean over the
            n-grams of an unknown word.

    Raises:
        As `Word2Vec`.
    """

    kind = SubwordOptions
    wv: SubwordVectors
    options: SubwordOptions

    def __init__(
        self,
        sentences: Any = None,
        corpus_file: str | Path | None = None,
        sg: int = 0,
        hs: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(sentences, corpus_file, **{"sg": sg, "hs": hs, **options})

    def _sizes(self) -> NgramSizes:
        return NgramSizes(self.options.min_n, self.options.max_n, self.options.bucket)

    def _no_vectors(self) -> KeyedVectors:
        return SubwordVectors(self.options.vector_size)

    def _new_vectors(self, words: Mapping[str, int]) -> KeyedVectors:
        seed, dim = self.options.seed, self.options.vector_size
        own = first_rows(len(words), dim, seed, "init", 0)
        counts = np.fromiter(words.values(), np.int64)
        made = SubwordVectors.of(list(words), own, counts, np.zeros_like(own))
        table = NgramTable.empty(dim)
        table.sizes = self._sizes()
        return _with_rows(made.with_ngrams(own, table), seed)

    def _add_words(self, words: Mapping[str, int]) -> None:
        before = len(self.wv)
        add_words(self.wv, words, self.options)
        fresh = len(self.wv) - before
        self.wv.own[before:] = first_rows(fresh, self.wv.dim, self.options.seed, "init", before)
        _with_rows(self.wv, self.options.seed)

    def _training(self) -> Training:
        return SubwordTraining(self.wv, self.options, self.train_count)


class SubwordTraining(Training):
    """The rows of words and n-grams while they are trained."""

    def __init__(self, vectors: SubwordVectors, options: Options, round: int) -> None:
        self._subwords = vectors
        starts, found = buckets_of_words(vectors.words, vectors.table.sizes)
        with_buckets(vectors.table, found, options.seed)  # of words that `add_vectors` added
        self._means = Parts.of(starts, found, vectors.table.buckets)
        super().__init__(vectors, options, round)

    def inputs(self) -> np.ndarray:
        return all_rows(self._subwords)

    def parts(self) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(self._means.starts), torch.from_numpy(self._means.rows)

    def learned(self, inputs: np.ndarray) -> None:
        words = len(self._subwords)
        self._subwords.table.rows = inputs[words:]
        self._subwords.own = inputs[:words]
        self._subwords.vectors = self._means.means(inputs)


def _with_rows(vectors: SubwordVectors, seed: int) -> SubwordVectors:
    """Give each n-gram that has none a row, and each word the mean of its rows."""
    starts, found = buckets_of_words(vectors.words, vectors.table.sizes)
    with_buckets(vectors.table, found, seed)
    parts = Parts.of(starts, found, vectors.table.buckets)
    vectors.vectors = parts.means(all_rows(vectors))
    return vectors
