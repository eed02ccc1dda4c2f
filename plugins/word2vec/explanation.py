"""Explain the vector of one word, and the score of a word and a context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from nntasks.errors import UsageError
from nntasks.plugins.embeddings.analogy import AnalogyOptions
from nntasks.plugins.embeddings.subwords.vectors import SubwordVectors
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.plugins.word2vec.model import Word2VecModel
from nntasks.plugins.word2vec.trainer import keep_thresholds

NEIGHBOURS = 8
LARGEST = 5  # dimensions listed per product


class ExplainOptions(AnalogyOptions):
    """Options of `explain`."""

    context: str = Field(
        "", description="a second word, whose probability near the first is explained"
    )


@dataclass(frozen=True)
class WordExplanation:
    """A word: its frequency, its sampling rates and its nearest neighbours.

    Attributes:
        word: the word.
        rank: 1 for the most frequent; None for an unknown word, made of its n-grams.
        count: occurrences in the corpus; None if unknown.
        share: share of the text, without dropped words.
        kept: share of the occurrences that subsampling keeps.
        noise: share of the negative samples that are this word.
        norm: length of its vector.
        neighbours: (word, cosine), nearest first.
        context: the explanation of the second word; None without one.
        ngrams: those that an unknown word is made of; None for a known one.
    """

    word: str
    rank: int | None
    count: int | None
    share: float | None
    kept: float | None
    noise: float | None
    norm: float
    neighbours: list[tuple[str, float]]
    context: ContextExplanation | None = None
    ngrams: list[str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        found = {**vars(self), "context": self.context and vars(self.context)}
        return {key: value for key, value in found.items() if value is not None}

    def __str__(self) -> str:
        lines = [f"{self.word}: the vector has length {self.norm:.3f}"]
        if self.count is not None:
            lines += [
                f"  occurs {self.count:,} times, {self.share:.2e} of the text; rank {self.rank:,}",
                f"  subsampling keeps {self.kept:.1%} of its occurrences",
                f"  {self.noise:.2e} of the negative samples are this word",
            ]
        if self.ngrams is not None:
            lines.append(f"  not in the text; the mean of its n-grams {' '.join(self.ngrams)}")
        near = ", ".join(f"{word} {cosine:.3f}" for word, cosine in self.neighbours)
        lines.append(f"  nearest: {near}")
        if self.context is not None:
            lines.append(str(self.context))
        return "\n".join(lines)


@dataclass(frozen=True)
class ContextExplanation:
    """The score of a word and a context: the product of an input and an output vector.

    Attributes:
        context: the second word.
        cosine: cosine of the two input vectors.
        score: dot product of the first word's input and the second's output vector.
        probability: sigmoid of the score: probability that the pair is not a negative sample.
        times: estimated ratio of the pair's frequency to its frequency by chance, exp(score) times
            the number of negatives (Levy and Goldberg, "Neural Word Embedding as Implicit Matrix
            Factorization", 2014).
        terms: (dimension, input, output, product), largest products first.
    """

    context: str
    cosine: float
    score: float
    probability: float
    times: float
    terms: list[tuple[int, float, float, float]]

    def __str__(self) -> str:
        named = sum(product for *_, product in self.terms)
        score = f"input . output = {self.score:.3f}, sigmoid {self.probability:.4f}"
        lines = [
            f"  with {self.context}: cosine {self.cosine:.3f}",
            f"  {score}: the pair occurs {self.times:.3g} times as often as by chance",
        ]
        lines += [
            f"    dimension {number:>3}: {x:+.3f} * {y:+.3f} = {product:+.3f}"
            for number, x, y, product in self.terms
        ]
        lines.append(f"    all other dimensions: {self.score - named:+.3f}")
        return "\n".join(lines)


def explain(model: Word2VecModel, word: str, options: ExplainOptions) -> WordExplanation:
    """Explain a word, and a context word if one is given.

    Raises:
        UsageError: a word has no vector, or the model has no output vectors.
    """
    vectors, config = model.vectors, model.config
    ngrams = _ngrams(vectors, word)
    place = None if ngrams else vectors.index(word)
    count = share = kept = noise = None
    if vectors.counts is not None and place is not None:
        counts = vectors.counts.astype(np.float64)
        count, share = int(counts[place]), float(counts[place] / counts.sum())
        kept = float(keep_thresholds(counts, config.subsample)[place] / 2**32)
        powers = counts**config.noise_power
        noise = float(powers[place] / powers.sum())
    return WordExplanation(
        word,
        None if place is None else place + 1,
        count,
        share,
        kept,
        noise,
        float(np.linalg.norm(vectors[word])),
        vectors.most_similar(word, topn=NEIGHBOURS),
        _explain_context(model, word, options.context) if options.context else None,
        ngrams,
    )


def _ngrams(vectors: KeyedVectors, word: str) -> list[str] | None:
    """Return the n-grams that an unknown word is made of; None if it is known, or made of none."""
    if vectors.has_index_for(word) or not isinstance(vectors, SubwordVectors):
        return None
    return vectors.table.known_ngrams(word) or None


def _explain_context(model: Word2VecModel, word: str, context: str) -> ContextExplanation:
    vectors = model.vectors
    if vectors.output is None:
        raise UsageError(
            "context: expected output vectors beside the input vectors, but this file has none; "
            "name a run of word2vec"
        )
    x = vectors[word].astype(np.float64)
    y = np.asarray(vectors.output[vectors.index(context)], dtype=np.float64)
    terms = x * y
    score = float(terms.sum())
    order = np.argsort(-np.abs(terms), kind="stable")[:LARGEST]
    return ContextExplanation(
        context,
        vectors.similarity(word, context),
        score,
        float(1 / (1 + np.exp(-score))),
        float(np.exp(score) * model.config.negatives),
        [(int(i), float(x[i]), float(y[i]), float(terms[i])) for i in order],
    )
