"""Handwritten digits: the 1,797 scans of 8x8 pixels that come with scikit-learn.

E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998 (its test part).
"""

from __future__ import annotations

import gzip
import importlib.util
from pathlib import Path

import numpy as np

_FILE = Path("datasets", "data", "digits.csv.gz")


def handwritten_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the scans (1797, 8, 8) float64, ink 16 and paper 0, and their labels (1797,) int64.

    They are read from scikit-learn's file, because importing scikit-learn takes longer than all the
    work with them. If the file is elsewhere, scikit-learn loads them.
    """
    package = importlib.util.find_spec("sklearn")
    file = Path(package.origin).parent / _FILE if package and package.origin else _FILE
    if not file.is_file():
        from sklearn.datasets import load_digits

        digits = load_digits()
        return digits.images, digits.target.astype(np.int64)
    with gzip.open(file, "rt", encoding="ascii") as lines:
        rows = np.loadtxt(lines, delimiter=",")
    return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(np.int64)
