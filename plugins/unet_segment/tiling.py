"""Tiled prediction of large pictures: each tile is read with surrounding context.

The overlap-tile strategy of the U-Net paper (Ronneberger et al. 2015): the picture is
mirrored beyond its borders.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def tiled(
    picture: np.ndarray, decide: Callable[[np.ndarray], np.ndarray], tile: int, overlap: int
) -> np.ndarray:
    """Return the result of `decide` for a picture, computed tile by tile.

    Args:
        picture: (H, W, C).
        decide: returns (h, w) for a part (h, w, C).
        tile: side of a tile, in pixels.
        overlap: context on each side, in pixels.
    """
    height, width = picture.shape[:2]
    around = _mirrored(picture, tile, overlap)
    whole = np.empty((height + -height % tile, width + -width % tile), dtype=np.float32)
    for y in range(0, height, tile):
        for x in range(0, width, tile):
            seen = around[y : y + tile + 2 * overlap, x : x + tile + 2 * overlap]
            inner = slice(overlap, overlap + tile)
            whole[y : y + tile, x : x + tile] = decide(seen)[inner, inner]
    return whole[:height, :width]


def part_of_tile(
    picture: np.ndarray, pixel: tuple[int, int], tile: int, overlap: int
) -> tuple[np.ndarray, int, int]:
    """Return what `decide` gets for the tile of a pixel, and its left and top in the picture.

    Args:
        picture, tile, overlap: as in `tiled`.
        pixel: (x, y) in the picture.
    """
    x, y = (position // tile * tile for position in pixel)
    around = _mirrored(picture, tile, overlap)
    side = tile + 2 * overlap
    return around[y : y + side, x : x + side], x - overlap, y - overlap


def _mirrored(picture: np.ndarray, tile: int, overlap: int) -> np.ndarray:
    """Return a picture with the overlap around it, and whole tiles inside."""
    down, across = (-size % tile for size in picture.shape[:2])
    return np.pad(
        picture, ((overlap, overlap + down), (overlap, overlap + across), (0, 0)), "symmetric"
    )
