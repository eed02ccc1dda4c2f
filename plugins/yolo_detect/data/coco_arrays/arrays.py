"""The rows of COCO files in columns, in the order of the file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ResultArrays:
    """The rows of a results file.

    Attributes:
        image: (N,) int64, image ids.
        category: (N,) int64, category ids.
        score: (N,) float64, finite.
        box: (N, 4) float64 (x, y, width, height), finite.
    """

    image: np.ndarray
    category: np.ndarray
    score: np.ndarray
    box: np.ndarray


@dataclass(frozen=True)
class InstanceArrays:
    """The rows of an instances file.

    Attributes:
        image_ids: (I,) int64.
        category_ids: (C,) int64.
        category_names: (C,) text.
        id: (G,) int64, annotation ids; `NO_ID` where none is stated.
        image: (G,) int64, image ids.
        category: (G,) int64, category ids.
        box: (G, 4) float64 (x, y, width, height), finite.
        area: (G,) float64 in square pixels; that of the box where none is stated.
        crowd: (G,) bool.
    """

    image_ids: np.ndarray
    category_ids: np.ndarray
    category_names: tuple[str, ...]
    id: np.ndarray
    image: np.ndarray
    category: np.ndarray
    box: np.ndarray
    area: np.ndarray
    crowd: np.ndarray


NO_ID = -(2**63)
