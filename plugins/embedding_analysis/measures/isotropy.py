"""Isotropy: how evenly vectors use the directions of their space.

Mean cosine: 0 for evenly spread directions. Partition ratio: J. Mu, P. Viswanath,
"All-but-the-Top", ICLR 2018, equation 4. IsoScore: W. Rudman et al., "IsoScore: Measuring the
Uniformity of Embedding Space Utilization", Findings of ACL 2022, algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Isotropy:
    """Four measures of isotropy.

    Attributes:
        mean_cosine: mean over pairs of different vectors, -1 to 1.
        partition_ratio: smallest over largest partition function along the principal directions,
            0 to 1; 1 is even. It depends on the lengths of the vectors.
        isoscore: 0 (all in one direction) to 1 (even).
        dimensions: effective number: squared sum of the variances over their sum of squares.
        shares: (D,) of the variance along the principal directions, largest first.
    """

    mean_cosine: float
    partition_ratio: float
    isoscore: float
    dimensions: float
    shares: np.ndarray


def isotropy(matrix: np.ndarray, unit: np.ndarray) -> Isotropy:
    """Measure (V, D) vectors; `unit` are the vectors scaled to length 1."""
    variances = np.linalg.eigvalsh(np.atleast_2d(np.cov(matrix, rowvar=False, dtype=np.float64)))
    variances = np.clip(variances[::-1], 0, None)
    total = float(variances.sum())
    if total == 0:
        nan = float("nan")
        return Isotropy(mean_cosine(unit), nan, nan, nan, np.full(len(variances), nan))
    return Isotropy(
        mean_cosine(unit),
        partition_ratio(matrix),
        isoscore(variances),
        float(total**2 / (variances**2).sum()),
        variances / total,
    )


def mean_cosine(unit: np.ndarray) -> float:
    """Return the mean cosine of two different rows (zero rows count as 0)."""
    n = len(unit)
    if n < 2:
        return float("nan")
    whole = unit.sum(axis=0, dtype=np.float64)
    own = float((unit.astype(np.float64) ** 2).sum())
    return float((whole @ whole - own) / (n * (n - 1)))


def partition_ratio(matrix: np.ndarray) -> float:
    """Return min over max of Z(c) = sum of exp(c . v), c along the eigenvectors of the vectors.

    Both signs of each eigenvector are used, because its sign is arbitrary.
    """
    values = matrix.astype(np.float64)
    _, directions = np.linalg.eigh(values.T @ values)
    products = values @ directions
    logs = np.concatenate([_log_sum_exp(products), _log_sum_exp(-products)])
    return float(np.exp(logs.min() - logs.max()))


def _log_sum_exp(values: np.ndarray) -> np.ndarray:
    top = values.max(axis=0)
    return top + np.log(np.exp(values - top).sum(axis=0))


def isoscore(variances: np.ndarray) -> float:
    """Return IsoScore from the variances (D,) along the principal directions; NaN for D = 1."""
    n = len(variances)
    if n < 2:
        return float("nan")
    scaled = np.sqrt(n) * variances / np.linalg.norm(variances)
    defect = np.linalg.norm(scaled - 1) / np.sqrt(2 * (n - np.sqrt(n)))
    share = (n - defect**2 * (n - np.sqrt(n))) ** 2 / n**2
    return float((n * share - 1) / (n - 1))
