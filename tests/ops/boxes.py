"""Boxes and scores of many kinds."""

from __future__ import annotations

import torch


def random_boxes(count, seed=0, *, extent=500.0, side=80.0, dtype=torch.float32):
    """Return (count, 4) boxes spread over a square of `extent`, with sides up to `side`."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.rand(count, 2, generator=generator, dtype=torch.float64) * extent
    sides = torch.rand(count, 2, generator=generator, dtype=torch.float64) * side
    return torch.cat([corners, corners + sides], dim=1).to(dtype)


def clustered_boxes(count, seed=0, *, objects=30, dtype=torch.float32):
    """Return boxes as a detector gives them: many, a little off, around few objects."""
    generator = torch.Generator().manual_seed(seed)
    centres = random_boxes(objects, seed, extent=600, side=200)
    which = torch.randint(0, objects, (count,), generator=generator)
    return (centres[which] + torch.randn(count, 4, generator=generator) * 4).to(dtype)


def random_scores(count, seed=1, *, dtype=torch.float32, levels=None):
    """Return (count,) scores; with `levels`, so few different ones that many tie."""
    generator = torch.Generator().manual_seed(seed)
    if levels is None:
        return torch.rand(count, generator=generator, dtype=torch.float64).to(dtype)
    return (torch.randint(0, levels, (count,), generator=generator) / levels).to(dtype)
