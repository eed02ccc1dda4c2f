"""Means of words and vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntasks.plugins.embeddings.keyed.editing import Editing
from nntasks.plugins.embeddings.keyed.errors import NoKeys, WrongType, WrongValue
from nntasks.plugins.embeddings.keyed.storage import is_key


class Means(Editing):
    """Vectors of which means are taken."""

    def get_mean_vector(
        self,
        keys: Any,
        weights: Any = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> np.ndarray:
        """Return the weighted mean of vectors, (D,) float32.

        Args:
            keys: words, indices and vectors (D,); or one of them.
            weights: as many numbers; the sum is divided by the sum of their magnitudes.
            pre_normalize: scale the vectors of words to length 1; vectors that are given are taken
                as they are.
            post_normalize: scale the mean to length 1.
            ignore_missing: leave out words without a vector, which are an error otherwise.

        Raises:
            NoKeys: there are no keys.
            WrongValue: there are not as many weights as keys.
            UnknownWord: a word has no vector, and `ignore_missing` is false.
        """
        names = [keys] if is_key(keys) else list(keys)
        values = [1.0] * len(names) if weights is None else [float(w) for w in weights]
        if len(values) != len(names):
            raise WrongValue(f"expected {len(names)} weights, one per key, got {len(values)}")
        if not names:
            raise NoKeys("expected at least one word or vector, of which to take the mean")
        terms = [
            (key, weight)
            for key, weight in zip(names, values, strict=True)
            if not (ignore_missing and is_key(key) and key not in self)
        ]
        mean = self._mean(terms, pre_normalize) if terms else np.zeros(self.dim)
        return (to_unit(mean) if post_normalize else mean).astype(np.float32)

    def _mean(self, terms: Sequence[tuple[Any, float]], normalize: bool = True) -> np.ndarray:
        """Return the mean (D,) float64 of weighted keys and vectors."""
        if not terms:
            raise NoKeys("expected at least one word or vector to be similar to")
        total = np.zeros(self.dim)
        for key, weight in terms:
            total += weight * self._direction(key, normalize)
        magnitude = sum(abs(weight) for _, weight in terms)
        return total / magnitude if magnitude else total

    def _direction(self, key: Any, normalize: bool = True) -> np.ndarray:
        """Return the vector (D,) float64 of a word, of length 1; or a given vector as it is."""
        if is_key(key):
            vector = self.get_vector(key).astype(np.float64)
            return to_unit(vector) if normalize else vector
        try:
            vector = np.asarray(key, dtype=np.float64)
        except (TypeError, ValueError):
            vector = np.empty(())
        if vector.ndim != 1:
            raise WrongType(f"expected a word, an index or a vector, got {str(key)[:60]!r}")
        if vector.shape != (self.dim,):
            raise WrongValue(f"expected a vector of {self.dim} numbers, got shape {vector.shape}")
        return vector


def to_unit(vector: np.ndarray) -> np.ndarray:
    """Return a vector (D,) scaled to length 1; a zero vector stays zero."""
    length = float(np.sqrt(vector @ vector))
    return vector / length if length else vector
