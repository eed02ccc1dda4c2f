"""Flips, crops and rotations of a batch; each picture has its own random words.

A function here takes pictures (B, C, H, W) uint8 and words (B, 4), integers uniform in 0 to
2^32 - 1. It processes a batch at once, but each picture's result is the same, to the last bit, in
every batch.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_WORDS = 2**32


def flip(pictures: Tensor, words: Tensor) -> Tensor:
    """Flip pictures left to right with probability 1/2."""
    mirrored = words[:, 0] < _WORDS // 2
    return torch.where(mirrored.view(-1, 1, 1, 1), pictures.flip(-1), pictures)


def crop(pictures: Tensor, words: Tensor, *, padding: int) -> Tensor:
    """Shift by up to a `padding`-th of each side, in whole pixels; new pixels are black."""
    height, width = pictures.shape[-2:]
    down, right = -(-height // padding), -(-width // padding)
    around = functional.pad(pictures, (right, right, down, down))
    tops = _integers(words[:, 0], 2 * down + 1)
    lefts = _integers(words[:, 1], 2 * right + 1)
    return torch.stack(
        [
            picture[:, top : top + height, left : left + width]
            for picture, top, left in zip(around, tops, lefts, strict=True)
        ]
    )


def rotate(pictures: Tensor, words: Tensor, *, degrees: float, zoom: tuple[float, float]) -> Tensor:
    """Rotate by up to `degrees` about the centre and scale by a factor in `zoom`, bilinearly."""
    height, width = pictures.shape[-2:]
    low, high = zoom
    # One by one: a vectorised sine may depend in its last bit on the place in the batch.
    cosines, sines = [], []
    for turn, size in (words[:, :2].double() / _WORDS).tolist():
        angle, scale = math.radians(degrees * (2 * turn - 1)), low + (high - low) * size
        cosines.append(math.cos(angle) / scale)
        sines.append(math.sin(angle) / scale)
    cosine, sine = torch.tensor(cosines).view(-1, 1, 1), torch.tensor(sines).view(-1, 1, 1)
    y = (torch.arange(height) - (height - 1) / 2).view(
        1, -1, 1
    )  # offset from the centre, in pixels
    x = (torch.arange(width) - (width - 1) / 2).view(1, 1, -1)
    across, down = cosine * x - sine * y, sine * x + cosine * y  # (B, H, W): source coordinates
    grid = torch.stack([across * (2 / width), down * (2 / height)], dim=-1)
    found = functional.grid_sample(pictures.float(), grid, align_corners=False)
    return found.round_().to(torch.uint8)


def _integers(words: Tensor, count: int) -> list[int]:
    """Map each random word to an integer in 0 to count - 1, uniformly."""
    return ((words * count) >> 32).tolist()
