"""Effects of word frequency on vector lengths and neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nntasks.plugins.embedding_analysis.measures.nearest import nearest, spread
from nntasks.plugins.embeddings.correlation import spearman
from nntasks.plugins.embeddings.vectors import KeyedVectors


@dataclass(frozen=True)
class FrequencyEffects:
    """Effects on a sample of words, spread evenly over the logarithm of the rank.

    Attributes:
        places: (N,) frequency rank, from 0.
        norms: (N,) vector lengths.
        neighbour_ranks: (N,) median rank of the nearest words, from 0.
        nearest_cosines: (N,) cosine of the nearest word.
        norm_correlation: Spearman correlation of length and frequency.
        rank_correlation: Spearman correlation of a word's rank and that of its neighbours; 0 if
            neighbours do not depend on frequency.
    """

    places: np.ndarray
    norms: np.ndarray
    neighbour_ranks: np.ndarray
    nearest_cosines: np.ndarray
    norm_correlation: float
    rank_correlation: float


def frequency_effects(vectors: KeyedVectors, sample: int, neighbours: int) -> FrequencyEffects:
    """Measure `sample` words and their nearest neighbours among all words."""
    places = spread(len(vectors), sample)
    rows = np.asarray(vectors.matrix[places], dtype=np.float64)
    norms = np.sqrt((rows * rows).sum(axis=1))
    found, cosines = nearest(vectors.unit, places, neighbours)
    ranks = np.median(found, axis=1) if found.shape[1] else np.full(len(places), np.nan)
    first = cosines[:, 0] if found.shape[1] else np.full(len(places), np.nan)
    return FrequencyEffects(
        places,
        norms,
        ranks,
        first,
        spearman(norms, -places.astype(float)),
        spearman(places.astype(float), ranks) if found.shape[1] else float("nan"),
    )


def bands(places: np.ndarray, count: int = 6) -> list[tuple[int, int, np.ndarray]]:
    """Cut ranks into bands of equal width of the logarithm.

    Returns:
        (first rank, last rank, which of `places`), from 0, without empty bands.
    """
    if not len(places):
        return []
    edges = np.geomspace(1, int(places.max()) + 2, count + 1)
    edges[-1] = places.max() + 2
    numbers = np.searchsorted(edges, places + 1, side="right")
    members = [np.flatnonzero(numbers == number) for number in range(1, count + 1)]
    return [(int(places[m].min()), int(places[m].max()), m) for m in members if len(m)]
