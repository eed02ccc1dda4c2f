"""Pixels of a mask: the one worth explaining, its neighbours, and the nearest boundary."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nntasks.plugins.unet_segment.samples import IGNORED, OBJECT

RADIUS = 2  # neighbours on each side

Pixel = tuple[int, int]  # x, y


@dataclass(frozen=True)
class Boundary:
    """The nearest pixel on the other side of a boundary.

    Attributes:
        x, y: that pixel.
        distance: between the centres of both pixels.
    """

    x: int
    y: int
    distance: float


def largest_error(shares: np.ndarray, truth: np.ndarray) -> Pixel | None:
    """Return the counted pixel with the largest error; the first one by rows if several are equal.

    Args:
        shares: (H, W) probabilities of the object.
        truth: (H, W) of 0, 1 and 255.

    Returns:
        the pixel; None if no pixel is counted.
    """
    errors = np.where(truth == IGNORED, -1.0, np.abs(shares - (truth == OBJECT)))
    return _place(errors) if errors.max() >= 0 else None


def least_certain(shares: np.ndarray, threshold: float) -> Pixel:
    """Return the pixel whose probability (H, W) is nearest to the threshold."""
    return _place(-np.abs(shares - threshold))


def _place(values: np.ndarray) -> Pixel:
    y, x = np.unravel_index(int(values.argmax()), values.shape)
    return int(x), int(y)


def nearest_boundary(mask: np.ndarray, pixel: Pixel) -> Boundary | None:
    """Return the nearest pixel with the other label, the first one by rows if several are equal.

    Args:
        mask: (H, W) of 0, 1 and 255, or bool; pixels of 255 have no side.
        pixel: (x, y).

    Returns:
        the boundary; None if no pixel has the other label, or the pixel itself has none.
    """
    x, y = pixel
    labels = np.asarray(mask, np.uint8)
    own = labels[y, x]
    rows, columns = np.nonzero((labels != own) & (labels != IGNORED))
    if own == IGNORED or not len(rows):
        return None
    squares = (rows - y) ** 2 + (columns - x) ** 2
    nearest = int(squares.argmin())
    return Boundary(int(columns[nearest]), int(rows[nearest]), math.sqrt(float(squares[nearest])))


def neighbours(values: np.ndarray, pixel: Pixel) -> list[list[float | None]]:
    """Return the values (H, W) around a pixel, row by row; None outside of the picture."""
    x, y = pixel
    height, width = values.shape
    around = range(-RADIUS, RADIUS + 1)
    return [
        [
            float(values[y + down, x + right])
            if 0 <= y + down < height and 0 <= x + right < width
            else None
            for right in around
        ]
        for down in around
    ]
