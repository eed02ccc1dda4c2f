"""Stability: the agreement of several sets of vectors on neighbours.

L. Wendlandt, J. Kummerfeld, R. Mihalcea, "Factors Influencing the Surprising Instability of Word
Embeddings", NAACL 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nntasks.plugins.embedding_analysis.measures.alignment import rotation
from nntasks.plugins.embedding_analysis.measures.nearest import nearest, spread
from nntasks.plugins.embeddings.vectors import KeyedVectors

MOST_COMMON = 20_000  # neighbours are searched among so many words


@dataclass(frozen=True)
class Stability:
    """Agreement of each pair of sets on their common words.

    Attributes:
        words: the N compared words.
        places: (N,) their ranks in the first set, from 0.
        jaccard: (P, N) Jaccard index of the nearest words, for each of P pairs of sets.
        cosines: (P, N) cosine of the two vectors after alignment of the sets.
        pairs: names of the two sets of each pair.
        common: number of words that all sets have.
    """

    words: list[str]
    places: np.ndarray
    jaccard: np.ndarray
    cosines: np.ndarray
    pairs: list[tuple[str, str]]
    common: int


def common_words(sets: Sequence[KeyedVectors], most: int | None = None) -> list[str]:
    """Return the words that all sets have, in the order of the first."""
    first, *others = sets
    words = (word for word in first.words if all(word in other for other in others))
    return [word for _, word in zip(range(most or len(first)), words, strict=False)]


def stability(sets: Mapping[str, KeyedVectors], sample: int, neighbours: int) -> Stability:
    """Compare the nearest words of `sample` words among those that all sets have."""
    words = common_words(list(sets.values()), MOST_COMMON)
    chosen = spread(len(words), sample)
    units = {
        name: vectors.unit[[vectors.index(word) for word in words]]
        for name, vectors in sets.items()
    }
    found = {name: nearest(unit, chosen, neighbours)[0] for name, unit in units.items()}
    pairs = list(combinations(sets, 2))
    first = next(iter(sets.values()))
    return Stability(
        [words[place] for place in chosen],
        np.array([first.index(words[place]) for place in chosen]),
        np.array([jaccard(found[a], found[b]) for a, b in pairs]),
        np.array([_turned_cosines(units[a], units[b])[chosen] for a, b in pairs]),
        pairs,
        len(words),
    )


def jaccard(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Jaccard index of each row of two (N, K) arrays of distinct indices."""
    shared = (a[:, :, None] == b[:, None, :]).sum(axis=(1, 2))
    return shared / np.maximum(a.shape[1] + b.shape[1] - shared, 1)


def _turned_cosines(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    turned = source @ rotation(source, target)
    lengths = np.linalg.norm(turned, axis=1) * np.linalg.norm(target, axis=1)
    dots = (turned * target).sum(axis=1)
    return np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)
