"""Boxes as the kernels meet them: spread out at random, or crowded around few objects."""

from __future__ import annotations

import torch
from torch import Tensor


def random_boxes(count: int, seed: int = 0) -> Tensor:
    """Return (count, 4) boxes with sides of 1 to 100 pixels anywhere in a 1000 x 1000 picture."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(count, 2, generator=generator) * 1000
    sides = 1 + torch.rand(count, 2, generator=generator) * 99
    return torch.cat([corners, corners + sides], dim=1)


def clustered_boxes(count: int, objects: int = 100, seed: int = 0) -> Tensor:
    """Return (count, 4) boxes scattered closely around few objects, as before NMS."""
    generator = torch.Generator().manual_seed(seed)
    centres = random_boxes(objects, seed)
    which = torch.randint(0, objects, (count,), generator=generator)
    return centres[which] + torch.randn(count, 4, generator=generator) * 3


def random_scores(count: int, seed: int = 1) -> Tensor:
    """Return (count,) scores in 0..1."""
    return torch.rand(count, generator=torch.Generator().manual_seed(seed))
