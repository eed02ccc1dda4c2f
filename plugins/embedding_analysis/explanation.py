"""One word: how frequent it is, what is near it and why.

Contexts come from the output vectors: a word's score with a context is what skip-gram with negative
sampling trained, and stands for their pointwise mutual information (O. Levy, Y. Goldberg, "Neural
Word Embedding as Implicit Matrix Factorization", NIPS 2014). Where a file of vectors has none, a
text can be named, and what stands around the word is counted there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.plugins.embedding_analysis.contexts import contexts_by_output, contexts_in_text
from nntasks.plugins.embedding_analysis.measures.isotropy import mean_cosine
from nntasks.plugins.embeddings.vectors import WordVectors, largest

_TERMS = 5  # directions that are named
_AMONG = 20_000  # frequent words against which a cosine is ranked


class ExplainOptions(Options):
    """What is asked of a word."""

    other: str = Field("", description="a second word: why is it near, or not")
    topn: int = Field(10, ge=1, le=100, description="neighbours and contexts that are listed")
    text: Path | None = Field(
        None,
        description="a text in which contexts are counted, instead of by output vectors",
    )


@dataclass(frozen=True)
class Closeness:
    """Why two words are near each other, or not.

    Attributes:
        other: the second word.
        cosine: of the two.
        percentile: share of the (at most 20,000) most frequent words that are less alike to the
            first word.
        average: mean cosine of any two words of these vectors, to compare with.
        ranks: how many words are nearer to the first than the second is, plus one; and the other
            way round.
        shared: words that are among the nearest of both.
        directions: (number from 1, product) of the principal directions that add most to the
            cosine; all products add up to it.
        rest: what all other directions add.
        contexts: (context, smaller of the two scores) that both words have.
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
    """What there is to say of a word.

    Attributes:
        word: the word.
        rank: by frequency, from 1, of `words` words.
        count: how often it was seen; None where that is not known.
        norm: length of its vector.
        neighbours: (word, cosine), the nearest first.
        contexts: (word, score) of the most typical contexts.
        source: where the contexts come from; says why there are none.
        closeness: to a second word; None if none was named.
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
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        seen = f", seen {self.count:,} times" if self.count is not None else ""
        lines = [
            (
                f"{self.word}: number {self.rank:,} of {self.words:,} by frequency{seen}; its "
                f"vector has the length {self.norm:.3f}"
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
                f"{self.word} and {near.other}: cosine {near.cosine:.3f}; two words of these "
                f"vectors have {near.average:.3f} on average"
            ),
            (
                f"  {near.other} is number {near.ranks[0]:,} of the neighbours of {self.word}, "
                f"{self.word} is number {near.ranks[1]:,} of those of {near.other}"
            ),
            f"  more alike to {self.word} than {near.percentile:.1%} of the frequent words",
            f"  near both: {', '.join(near.shared) or 'no word among the nearest of each'}",
            (
                f"  the cosine adds up along principal directions: {terms}, all others "
                f"{near.rest:+.3f}"
            ),
            f"  contexts of both: {_listed(near.contexts)}",
        ]
        return "\n".join(lines)


def explain(vectors: WordVectors, word: str, options: ExplainOptions) -> Explanation:
    """Say what there is to say of a word.

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
    vectors: WordVectors, words: Sequence[str], options: ExplainOptions
) -> tuple[list[list[tuple[str, float]]], str]:
    """Return the contexts of each word, most typical first, and where they come from."""
    if options.text is not None:
        found = contexts_in_text(options.text, words, vectors)
        return found, f"pointwise mutual information in {options.text}"
    if vectors.output is not None:
        return contexts_by_output(vectors, words), "product with the output vectors"
    return [[] for _ in words], "these vectors bring no output vectors; name a text=FILE"


def _closeness(
    vectors: WordVectors,
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
    """Return what each principal direction adds to the cosine, strongest direction first."""
    rows = unit[:_AMONG].astype(np.float64)
    _, axes = np.linalg.eigh(rows.T @ rows)
    axes = axes[:, ::-1]
    return (unit[a] @ axes) * (unit[b] @ axes)


def _rank(alike: np.ndarray, place: int, itself: int) -> int:
    nearer = alike > alike[place]
    nearer[itself] = False
    return int(nearer.sum()) + 1


def _shared(
    vectors: WordVectors, alike: Sequence[np.ndarray], places: Sequence[int], topn: int
) -> list[str]:
    near = [largest(scores, topn + 2) for scores in alike]
    both = [place for place in near[0] if place in set(near[1].tolist()) - set(places)]
    return [vectors.words[place] for place in both]


def _listed(pairs: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{word} {value:.3f}" for word, value in pairs) or "none"
