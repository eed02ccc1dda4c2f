"""Generated scenes: cells with wavy outlines on painted backgrounds, among distractors."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from pydantic import Field

from nntasks.config import Options
from nntasks.interfaces import DataInfo, Dataset, Splits
from nntasks.pictures.grounds import colour, luminance, paint_ground, scatter_litter
from nntasks.plugins.unet_segment.samples import Sample
from nntasks.seeding import Seeds

CLASSES = ("background", "cell")
_FINE = 4  # supersampling factor for smooth edges
_CONTRAST = 0.25  # least difference in brightness between a cell and the background
_POINTS = 48  # points of an outline
_CORE, _DARK = 0.45, 0.6  # relative size and brightness of a cell's core


class BlobsConfig(Options):
    """Options of `data=blobs`."""

    train: int = Field(240, ge=1, le=1_000_000, description="training scenes")
    validation: int = Field(40, ge=1, le=1_000_000, description="validation scenes")
    test: int = Field(80, ge=1, le=1_000_000, description="test scenes")
    size: int = Field(64, ge=16, le=2048, description="side of the square scenes in pixels")
    most: int = Field(6, ge=0, le=100, description="largest number of cells in a scene")
    empty: float = Field(0.05, ge=0, le=1, description="share of scenes without cells")
    litter: int = Field(
        3, ge=0, le=100, description="largest number of distractor shapes in a scene"
    )


class Blobs(Dataset):
    """Cells in painted scenes; nothing is downloaded or stored."""

    Config = BlobsConfig
    source = "generated"
    licence = "none needed"

    options: BlobsConfig

    def load(self, root: Path | None) -> Splits:
        """Return sequences of `Sample`; scene `i` is a function of (seed, split, i, options)."""
        options = self.options
        sizes = {"train": options.train, "validation": options.validation, "test": options.test}
        parts = [
            [
                Sample(f"{part}-{i:05d}", partial(paint, self.seeds, part, i, options))
                for i in range(count)
            ]
            for part, count in sizes.items()
        ]
        train, validation, test = parts
        return Splits(train, validation, test, DataInfo(CLASSES, (options.size, options.size, 3)))


def paint(
    seeds: Seeds, part: str, index: int, options: BlobsConfig
) -> tuple[np.ndarray, np.ndarray]:
    """Paint a scene: a picture (S, S, 3) uint8 and a mask (S, S) uint8 of 0 and 1.

    The mask covers pixels where a cell is at least half opaque.
    """
    rng = seeds.numpy(f"blobs.{part}", index)
    hue, size = rng.random(), options.size
    picture = paint_ground(rng, size, hue)
    picture = np.clip(scatter_litter(rng, picture, options.litter, hue), 0.0, 1.0)
    cover = np.zeros((size, size), dtype=np.float32)
    count = 0 if rng.random() < options.empty else int(rng.integers(1, max(options.most, 1) + 1))
    for _ in range(min(count, options.most)):
        opacity, core = _outline(rng, size)
        _fill(rng, picture, opacity, core, hue)
        cover = np.maximum(cover, opacity)
    return (picture * 255 + 0.5).astype(np.uint8), (cover >= 0.5).astype(np.uint8)


def _outline(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the opacity (S, S) of a round shape with a wavy radius, and of its core."""
    centre = rng.uniform(0.08, 0.92, 2) * size
    radius = size * math.exp(rng.uniform(math.log(0.07), math.log(0.2)))
    angles = np.linspace(0, 2 * math.pi, _POINTS, endpoint=False)
    waves = np.zeros(_POINTS)
    for k in range(2, 6):
        waves += rng.uniform(0, 0.22 / k) * np.cos(k * angles + rng.uniform(0, 2 * math.pi))
    stretch = np.exp(rng.uniform(-0.3, 0.3) * np.array([1, -1]))
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (1 + waves)[:, None] * stretch
    return _drawn(size, centre + radius * around), _drawn(size, centre + _CORE * radius * around)


def _drawn(size: int, points: np.ndarray) -> np.ndarray:
    """Return the opacity (S, S) of a polygon (P, 2), in pixels."""
    layer = Image.new("L", (_FINE * size, _FINE * size))
    corners = (_FINE * points).tolist()
    ImageDraw.Draw(layer).polygon([tuple(corner) for corner in corners], fill=255)
    return np.asarray(layer.reduce(_FINE), dtype=np.float32) / 255


def _fill(
    rng: np.random.Generator, picture: np.ndarray, opacity: np.ndarray, core: np.ndarray, hue: float
) -> None:
    """Blend a cell into the picture in place, in contrast to the background, with a dark core."""
    inside = opacity >= 0.5
    if not inside.any():
        return
    ground = float(luminance(picture[inside].mean(axis=0)))
    lighter = ground < 0.5
    level = ground + (1 if lighter else -1) * rng.uniform(_CONTRAST, 0.45)
    tint = colour(hue + rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.7), 1.0)
    tint = np.clip(tint * (level / max(float(luminance(tint)), 1e-6)), 0, 1)
    rough = 1 + 0.06 * rng.standard_normal(opacity.shape).astype(np.float32)
    rough *= 1 - _DARK * core
    share = opacity * rng.uniform(0.85, 1.0)
    for channel in range(3):
        view = picture[..., channel]
        view += (np.clip(tint[channel] * rough, 0, 1) - view) * share
