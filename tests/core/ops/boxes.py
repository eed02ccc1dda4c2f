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


def boxes_of_all_sizes(count, seed=0, *, dtype=torch.float32):
    """Return boxes with sides from 0.01 to 10,000, as many of each power of ten."""
    generator = torch.Generator().manual_seed(seed)
    sides = 10 ** (torch.rand(count, 2, generator=generator, dtype=torch.float64) * 6 - 2)
    centres = torch.randn(count, 2, generator=generator, dtype=torch.float64) * sides.mean() ** 0.5
    return torch.cat([centres - sides / 2, centres + sides / 2], dim=1).to(dtype)


def with_odd_boxes(boxes, seed=3):
    """Return a copy in which one box in ten has no area, no finite one, or is no box at all."""
    boxes, generator = boxes.clone(), torch.Generator().manual_seed(seed)
    nan, inf = float("nan"), float("inf")
    odd = [
        (5, 5, 5, 5),
        (5, 5, 5, 9),
        (9, 9, 5, 5),
        (nan, 0, 10, 10),
        (0, 0, 10, nan),
        (nan,) * 4,
        (-inf, -inf, inf, inf),
        (0, 0, inf, 10),
        (inf,) * 4,
        (0, 0, 1e-30, 1e-30),
        (0, 0, 3e38, 3e38),
    ]
    kinds = torch.randint(0, len(odd), (len(boxes) // 10,), generator=generator)
    places = torch.randperm(len(boxes), generator=generator)[: len(kinds)]
    boxes[places] = torch.tensor(odd, dtype=boxes.dtype)[kinds]
    return boxes
