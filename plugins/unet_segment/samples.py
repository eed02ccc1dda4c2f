"""A picture and its mask at their original size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from nntasks.errors import UsageError
from nntasks.pictures.byte_range import as_bytes

BACKGROUND, OBJECT, IGNORED = 0, 1, 255


@dataclass(frozen=True)
class Sample:
    """One picture.

    Attributes:
        name: unique within its split.
        read: returns the picture (H, W, 3) uint8 and the mask (H, W) uint8 of 0 (background), 1
            (object) and 255 (not counted).
    """

    name: str
    read: Callable[[], tuple[np.ndarray, np.ndarray]]


def samples_of(pictures: np.ndarray, masks: np.ndarray) -> tuple[list[Sample], tuple[int, ...]]:
    """Return arrays as samples named by their number, and the shape (H, W, 3) of the pictures.

    Args:
        pictures: (N, H, W), (N, H, W, 1) or (N, H, W, 3); bytes, or floats in 0..1.
        masks: (N, H, W) bool, or whole numbers 0, 1 and 255.

    Raises:
        UsageError: other shapes, or other numbers.
    """
    grey = pictures.ndim == 3 or pictures.shape[3:] == (1,)
    if not grey and not (pictures.ndim == 4 and pictures.shape[3] == 3):
        raise UsageError(f"expected pictures (N, H, W) or (N, H, W, 3), got {pictures.shape}")
    if masks.shape != pictures.shape[:3]:
        raise UsageError(f"expected masks {pictures.shape[:3]}, got {masks.shape}")
    wrong = ~np.isin(masks, (BACKGROUND, OBJECT, IGNORED))
    if wrong.any():
        raise UsageError(
            f"expected masks of 0 (background), 1 (object) and 255 (not counted), got "
            f"{masks[wrong][0]}"
        )
    colours = as_bytes(pictures, "pictures").reshape(*pictures.shape[:3], -1)
    if grey:
        colours = np.repeat(colours, 3, axis=3)
    labels = masks.astype(np.uint8)
    samples = [
        Sample(str(number), partial(_pair, colours, labels, number))
        for number in range(len(labels))
    ]
    return samples, colours.shape[1:]


def _pair(pictures: np.ndarray, masks: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    return pictures[number], masks[number]
