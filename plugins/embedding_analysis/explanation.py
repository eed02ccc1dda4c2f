"""Explain one word: its frequency, its neighbours and its contexts.

Contexts come from the output vectors: skip-gram with negative sampling trains the score of a word
and a context, which estimates their pointwise mutual information (O. Levy, Y. Goldberg, "Neural
Word Embedding as Implicit Matrix Factorization", NIPS 2014). If a vector file has no
output vectors, contexts can be counted in a text instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from nntasks.plugins.embedding_analysis.contexts import contexts_by_output, contexts_in_text
from nntasks.plugins.embedding_analysis.measures.isotropy import mean_cosine
from nntasks.plugins.embeddings.analogy import AnalogyOptions
from nntasks.plugins.embeddings.keyed.neighbours import largest
from nntasks.plugins.embeddings.vectors import KeyedVectors

_TERMS = 5  # principal directions listed
_AMONG = 20_000  # a cosine is ranked among so many frequent words


class ExplainOptions(AnalogyOptions):
    """Options of `explain`."""

    other: str = Field("", description="a second word, to compare with the first")
    topn: int = Field(10, ge=1, le=100, description="number of neighbours and contexts to list")
    text: Path | None = Field(
        None,
        description="text to count contexts in, instead of output vectors",
    )


@dataclass(frozen=True)
class Closeness:
    """The comparison of two words.

    Attributes:
        other: the second word.
        cosine: cosine of the two vectors.
        percentile: share of the (at most 20,000) most frequent words with a lower cosine to the
            first word.
        average: mean cosine of two words of these vectors.
        ranks: rank of the second word among the neighbours of the first, from 1, and vice versa.
        shared: words among the nearest of both.
        directions: (number from 1, product) of the principal directions with the largest products;
            the sum of all products is the cosine.
        rest: sum of the products of all other directions.
        contexts: (context, smaller of the two scores) of contexts of both words.
    """

    other: str
    cosine: float
    percentile: float
    average: float
    ranks: tuple[int, int]
    shared: list[str]
    directions: list[tuple[int, float]]
    rest: float
    contexts: list[tuple[str, float]]


@dataclass(frozen=True)
class Explanation:
    """The explanation of a word.

    Attributes:
        word: the word.
        rank: frequency rank from 1, of `words` words.
        count: occurrences; None if unknown.
        norm: length of its vector.
        neighbours: (word, cosine), nearest first.
        contexts: (word, score) of the most typical contexts.
        source: origin of the contexts, or why there are none.
        closeness: comparison with a second word; None without one.
    """

    word: str
    rank: int
    words: int
    count: int | None
    norm: float
    neighbours: list[tuple[str, float]]
    contexts: list[tuple[str, float]]
    source: str
    closeness: Closeness | None

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        seen = f", occurs {self.count:,} times" if self.count is not None else ""
        lines = [
            (
                f"{self.word}: rank {self.rank:,} of {self.words:,} by frequency{seen}; its "
                f"vector has length {self.norm:.3f}"
            ),
            f"nearest: {_listed(self.neighbours)}",
            f"typical contexts ({self.source}): {_listed(self.contexts)}",
        ]
        near = self.closeness
        if near is None:
            return "\n".join(lines)
        terms = ", ".join(f"{number}: {value:+.3f}" for number, value in near.directions)
        lines += [
            "",
            (
                f"{self.word} and {near.other}: cosine {near.cosine:.3f}; the mean over all words "
                f"is {near.average:.3f}"
            ),
            (
                f"  {near.other} is neighbour {near.ranks[0]:,} of {self.word}, "
                f"{self.word} is neighbour {near.ranks[1]:,} of {near.other}"
            ),
            f"  nearer to {self.word} than {near.percentile:.1%} of the frequent words",
            f"  common neighbours: {', '.join(near.shared) or 'none'}",
            (f"  the cosine by principal directions: {terms}, all others {near.rest:+.3f}"),
            f"  common contexts: {_listed(near.contexts)}",
        ]
        return "\n".join(lines)


def explain(vectors: KeyedVectors, word: str, options: ExplainOptions) -> Explanation:
    """Explain a word, and compare it with a second one if given.

    Raises:
        UsageError: a word has no vector, or the text cannot be read.
    """
    place = vectors.index(word)
    words = [word, options.other] if options.other else [word]
    places = [vectors.index(one) for one in words]
    scores, source = _contexts(vectors, words, options)
    closeness = _closeness(vectors, places, scores, options.topn) if options.other else None
    return Explanation(
        word,
        place + 1,
        len(vectors),
        None if vectors.counts is None else int(vectors.counts[place]),
        float(np.linalg.norm(vectors[word])),
        vectors.most_similar(word, topn=options.topn),
        scores[0][: options.topn],
        source,
        closeness,
    )


def _contexts(
    vectors: KeyedVectors, words: Sequence[str], options: ExplainOptions
) -> tuple[list[list[tuple[str, float]]], str]:
    """Return the contexts of each word, most typical first, and their origin."""
    if options.text is not None:
        found = contexts_in_text(options.text, words, vectors)
        return found, f"pointwise mutual information in {options.text}"
    if vectors.output is not None:
        return contexts_by_output(vectors, words), "product with the output vectors"
    return [[] for _ in words], "these vectors have no output vectors; give text=FILE"


def _closeness(
    vectors: KeyedVectors,
    places: Sequence[int],
    contexts: Sequence[Sequence[tuple[str, float]]],
    topn: int,
) -> Closeness:
    unit = vectors.unit
    a, b = places
    alike = [unit @ unit[place] for place in places]
    among = alike[0][:_AMONG]
    both, smaller = dict(contexts[1]), []
    for word, score in contexts[0]:
        if word in both:
            smaller.append((word, min(score, both[word])))
    products = _directions(unit, a, b)
    order = largest(np.abs(products), _TERMS)
    return Closeness(
        vectors.words[b],
        float(alike[0][b]),
        float((among < alike[0][b]).mean()),
        mean_cosine(unit[:_AMONG]),
        (_rank(alike[0], b, a), _rank(alike[1], a, b)),
        _shared(vectors, alike, places, topn),
        [(int(i) + 1, float(products[i])) for i in order],
        float(products.sum() - products[order].sum()),
        sorted(smaller, key=lambda pair: -pair[1])[:topn],
    )


def _directions(unit: np.ndarray, a: int, b: int) -> np.ndarray:
    """Return the contribution of each principal direction to the cosine."""
    rows = unit[:_AMONG].astype(np.float64)
    _, axes = np.linalg.eigh(rows.T @ rows)
    axes = axes[:, ::-1]
    return (unit[a] @ axes) * (unit[b] @ axes)


def _rank(alike: np.ndarray, place: int, itself: int) -> int:
    nearer = alike > alike[place]
    nearer[itself] = False
    return int(nearer.sum()) + 1


def _shared(
    vectors: KeyedVectors, alike: Sequence[np.ndarray], places: Sequence[int], topn: int
) -> list[str]:
    near = [largest(scores, topn + 2) for scores in alike]
    both = [place for place in near[0] if place in set(near[1].tolist()) - set(places)]
    return [vectors.words[place] for place in both]


def _listed(pairs: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{word} {value:.3f}" for word, value in pairs) or "none"
