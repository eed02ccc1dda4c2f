"""Fitting a picture into the network's square input, and boxes back into the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

PADDING = 114  # the grey that the public weights were trained with


@dataclass(frozen=True)
class Letterbox:
    """The place of a picture in a square: scaled by `ratio`, then shifted by the padding.

    Attributes:
        width, height: of the original picture, in pixels.
        size: side of the square.
        ratio: pixels of the square per pixel of the picture.
        left, top: padding in pixels of the square.
    """

    width: int
    height: int
    size: int
    ratio: float
    left: int
    top: int

    @classmethod
    def of(cls, width: int, height: int, size: int) -> Letterbox:
        """Return the letterbox of a picture, centred in a square of `size`."""
        ratio = min(size / height, size / width)
        spare_x, spare_y = (size - _scaled(side, ratio) for side in (width, height))
        return cls(width, height, size, ratio, round(spare_x / 2 - 0.1), round(spare_y / 2 - 0.1))

    @property
    def scaled(self) -> tuple[int, int]:
        """Width and height of the picture inside the square."""
        return _scaled(self.width, self.ratio), _scaled(self.height, self.ratio)

    def to_original(self, boxes: np.ndarray) -> np.ndarray:
        """Map boxes (N, 4) xyxy from the square to the picture, clipped to it."""
        moved = (np.asarray(boxes, dtype=np.float64) - self._offset) / self.ratio
        return np.clip(moved, 0, [self.width, self.height, self.width, self.height])

    def to_square(self, boxes: np.ndarray) -> np.ndarray:
        """Map boxes (N, 4) xyxy from the picture to the square."""
        return np.asarray(boxes, dtype=np.float64) * self.ratio + self._offset

    @property
    def _offset(self) -> np.ndarray:
        # Half of the padding, unrounded: half a pixel off if the padding is odd. The public weights
        # are evaluated this way, so boxes are comparable.
        x, y = ((self.size - side * self.ratio) / 2 for side in (self.width, self.height))
        return np.array([x, y, x, y])


def _scaled(side: int, ratio: float) -> int:
    return max(round(side * ratio), 1)  # a picture may be a thousand times as wide as it is high


def fit_square(image: np.ndarray, size: int) -> tuple[np.ndarray, Letterbox]:
    """Scale a picture (H, W, 3) uint8 to fit a square, bilinearly, and pad it with grey.

    The scaling reads four pixels per pixel (no antialiasing), as is usual for these networks.

    Returns:
        the square (size, size, 3) uint8, and the place of the picture in it.
    """
    height, width = image.shape[:2]
    place = Letterbox.of(width, height, size)
    if (width, height) != place.scaled:
        image = _resize(image, *place.scaled)
    square = np.full((size, size, 3), PADDING, dtype=np.uint8)
    square[place.top : place.top + image.shape[0], place.left : place.left + image.shape[1]] = image
    return square, place


def _resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).unsqueeze(0)
    scaled = F.interpolate(pixels, size=(height, width), mode="bilinear", align_corners=False)
    return scaled[0].permute(1, 2, 0).numpy()
