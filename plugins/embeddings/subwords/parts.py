"""Which rows of a matrix words are the mean of: their own, and those of their n-grams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_WORDS = 1 << 12  # whose means are taken at a time


@dataclass(frozen=True)
class Parts:
    """The rows of V words in a matrix of V own rows, and one more for each of U buckets.

    Attributes:
        starts: (V + 1,) int64, where the rows of each word begin in `rows`, and the end.
        rows: int32; the first of each word is its own.
    """

    starts: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, starts: np.ndarray, found: np.ndarray, buckets: np.ndarray) -> Parts:
        """Return the parts of words whose n-grams are in buckets.

        Args:
            starts: (V + 1,) where those of each word begin in `found`.
            found: int32 buckets, all of them among `buckets`.
            buckets: (U,) different buckets, rising.
        """
        words = len(starts) - 1
        own = starts + np.arange(words + 1)
        rows = np.empty(int(own[-1]), np.int32)
        is_own = np.zeros(len(rows), bool)
        is_own[own[:-1]] = True
        rows[is_own] = np.arange(words)
        rows[~is_own] = words + np.searchsorted(buckets, found)
        return cls(own.astype(np.int64), rows)

    def means(self, matrix: np.ndarray) -> np.ndarray:
        """Return the mean of the rows of each word, (V, D) float32."""
        words = len(self.starts) - 1
        found = np.empty((words, matrix.shape[1]), np.float32)
        for first in range(0, words, _WORDS):
            ends = self.starts[first : first + _WORDS + 1]
            rows = matrix[self.rows[ends[0] : ends[-1]]]
            sums = np.add.reduceat(rows, ends[:-1] - ends[0], axis=0)
            found[first : first + len(sums)] = sums / np.diff(ends)[:, None]
        return found
