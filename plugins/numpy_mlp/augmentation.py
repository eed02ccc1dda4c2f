"""Augmentation of training pictures."""

from __future__ import annotations

import math

import numpy as np

from nntasks.plugins.numpy_mlp.layers.base import Array


def shifted(pictures: Array, most: float, rng: np.random.Generator) -> Array:
    """Shift each picture by a random distance, with bilinear interpolation between pixels.

    Args:
        pictures: (N, H, W, C).
        most: largest vertical and horizontal shift, in pixels.
        rng: draws each shift, uniform in [-most, most].

    Returns:
        (N, H, W, C) float32; pixels from outside the picture are 0.
    """
    count, height, width = pictures.shape[:3]
    margin = math.ceil(most)
    edges = ((0, 0), (margin, margin + 1), (margin, margin + 1), (0, 0))
    padded = np.pad(pictures, edges)
    moves = rng.uniform(-most, most, (2, count))
    whole = np.floor(moves)
    down, across = (moves - whole).astype(np.float32)[
        ..., None, None, None
    ]  # (N, 1, 1, 1), in 0..1
    tops, lefts = whole.astype(int)[..., None, None] + margin  # (N, 1, 1)
    rows = tops + np.arange(height + 1)[:, None]  # (N, H + 1, 1)
    columns = lefts + np.arange(width + 1)  # (N, 1, W + 1)
    window = padded[np.arange(count)[:, None, None], rows, columns].astype(np.float32)
    between = window[:, :-1] * (1 - down) + window[:, 1:] * down
    return between[:, :, :-1] * (1 - across) + between[:, :, 1:] * across
