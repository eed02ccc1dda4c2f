"""Boxes as the kernels meet them, spread out or crowded, and the choice of who handles them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core import ops


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


def machine() -> str:
    """Return what the figures depend on: versions, threads, instruction set."""
    return (
        f"torch {torch.__version__}, torchvision {torchvision.__version__}, "
        f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}"
    )


def implementation(who: str) -> str:
    """Return the mode of `core.ops` to time "native", "python" or "torchvision" in."""
    if who == "native" and not ops.native_available():
        pytest.skip("no compiled library: python -m pip install --no-build-isolation -e .")
    return "native" if who == "native" else "python"
