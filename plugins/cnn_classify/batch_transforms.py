"""Pictures of a batch mirrored, moved, turned: each by random words of its own.

A function here takes pictures (B, C, H, W) uint8 and words (B, 4), integers uniform in 0 to
2^32 - 1. It computes a batch at once, but nothing across its pictures: what becomes of one is the
same to the bit in every batch.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_WORDS = 2**32


def flip(pictures: Tensor, words: Tensor) -> Tensor:
    """Mirror left-right, half of the time."""
    mirrored = words[:, 0] < _WORDS // 2
    return torch.where(mirrored.view(-1, 1, 1, 1), pictures.flip(-1), pictures)


def crop(pictures: Tensor, words: Tensor, *, padding: int) -> Tensor:
    """Move by up to a `padding`-th of each side, in whole pixels; black comes in."""
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
    """Turn by up to `degrees` about the middle and scale by a factor within `zoom`, bilinearly."""
    height, width = pictures.shape[-2:]
    low, high = zoom
    # One by one: vectorised sines may differ by a bit with the place in the batch.
    cosines, sines = [], []
    for turn, size in (words[:, :2].double() / _WORDS).tolist():
        angle, scale = math.radians(degrees * (2 * turn - 1)), low + (high - low) * size
        cosines.append(math.cos(angle) / scale)
        sines.append(math.sin(angle) / scale)
    cosine, sine = torch.tensor(cosines).view(-1, 1, 1), torch.tensor(sines).view(-1, 1, 1)
    y = (torch.arange(height) - (height - 1) / 2).view(1, -1, 1)  # from the middle, in pixels
    x = (torch.arange(width) - (width - 1) / 2).view(1, 1, -1)
    across, down = cosine * x - sine * y, sine * x + cosine * y  # (B, H, W): read from there
    grid = torch.stack([across * (2 / width), down * (2 / height)], dim=-1)
    found = functional.grid_sample(pictures.float(), grid, align_corners=False)
    return found.round_().to(torch.uint8)


def _integers(words: Tensor, count: int) -> list[int]:
    """Return an integer in 0 to count - 1 for each word, as uniform as words are."""
    return ((words * count) >> 32).tolist()
