"""Exclusive or: the smallest problem that a single layer cannot solve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from nntasks.config import Options
from nntasks.interfaces import Batch, DataInfo, Dataset, Split, Splits


class XorOptions(Options):
    """Options of `data=xor`."""

    dimensions: int = Field(2, ge=2, le=3, description="number of inputs: 2 or 3")
    points: int = Field(512, ge=16, le=10**6, description="points in the training split")
    noise: float = Field(
        0.15,
        ge=0,
        le=1,
        description="standard deviation of the points around the corners at -1 and 1",
    )


class Points(Split):
    """Points (N, D) of floats with labels (N,) int64."""

    def __init__(self, points: np.ndarray, labels: np.ndarray) -> None:
        self.points, self.labels = points, labels.astype(np.int64)

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, indices: object, *, epoch: int | None = None) -> Batch:
        chosen = np.asarray(indices, dtype=np.int64)
        return Batch(self.points[chosen], self.labels[chosen], chosen.tolist())


class Xor(Dataset):
    """Noisy corners of a square or cube. Class 1 has an odd number of positive coordinates.

    Generated from the seed of the run.
    """

    Config = XorOptions
    source = "generated"

    def load(self, root: Path | None) -> Splits:
        points = self.options.points
        train, validation, test = (
            self._part(number, size) for number, size in enumerate((points, points // 4, points))
        )
        info = DataInfo(("even", "odd"), (self.options.dimensions,))
        return Splits(train, validation, test, info)

    def _part(self, number: int, size: int) -> Points:
        rng = self.seeds.numpy("xor", number)
        positive = rng.integers(0, 2, (size, self.options.dimensions))
        points = 2 * positive - 1 + self.options.noise * rng.normal(size=positive.shape)
        return Points(points.astype(np.float32), positive.sum(axis=1) % 2)
