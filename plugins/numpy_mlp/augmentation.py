"""Changes of training pictures."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array


def shifted(pictures: Array, most: int, rng: np.random.Generator) -> Array:
    """Move each picture (N, H, W, C) by up to `most` pixels down and across; what comes in is 0."""
    padded = np.pad(pictures, ((0, 0), (most, most), (most, most), (0, 0)))
    height, width = pictures.shape[1:3]
    tops, lefts = rng.integers(0, 2 * most + 1, size=(2, len(pictures)))
    rows = tops[:, None, None] + np.arange(height)[None, :, None]
    columns = lefts[:, None, None] + np.arange(width)[None, None, :]
    return padded[np.arange(len(pictures))[:, None, None], rows, columns]
