"""A picture and its mask at their original size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
