"""Procrustes: alignment of one set of points with another.

P. Schönemann, "A Generalized Solution of the Orthogonal Procrustes Problem", Psychometrika 1966.
"""

from __future__ import annotations

import numpy as np


def rotation(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the orthogonal matrix R that brings `source @ R` nearest to `target`.

    Args:
        source: (N, D) points.
        target: (N, E) points of the same words, row by row. If D and E differ, R (D, E) has
            orthonormal rows or columns.
    """
    left, _, right = np.linalg.svd(
        source.T.astype(np.float64) @ target.astype(np.float64), full_matrices=False
    )
    return left @ right


def aligned(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return `source` shifted, rotated, reflected and scaled to be nearest to `target`."""
    middle, other = source.mean(axis=0), target.mean(axis=0)
    moved, wanted = source - middle, target - other
    turned = moved @ rotation(moved, wanted)
    size = float((turned * turned).sum())
    scale = float((turned * wanted).sum()) / size if size else 1.0
    return turned * scale + other


def disparity(source: np.ndarray, target: np.ndarray) -> float:
    """Return the share of `target`'s variance that the aligned `source` leaves, 0 to 1."""
    rest = target - aligned(source, target)
    spread = float(((target - target.mean(axis=0)) ** 2).sum())
    return float((rest * rest).sum()) / spread if spread else 0.0
