"""Backgrounds of generated scenes: gradients, clouds, ruled paper, weave and glow, with litter.

Pictures are (S, S, 3) float32 in 0..1; every function draws all its choices from the given
generator.
"""

from __future__ import annotations

import colorsys
import math

import numpy as np
from PIL import Image, ImageDraw

Colour = np.ndarray  # (3,) float32: red, green, blue in 0..1
Ink = tuple[int, int, int, int]  # red, green, blue, opacity in 0..255

_DARK_SHARE = 0.7
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


def luminance(colour: np.ndarray) -> np.ndarray:
    """Return the brightness in 0..1 of colours (..., 3)."""
    return colour @ _LUMA


def colour(hue: float, saturation: float, value: float) -> Colour:
    """Return red, green and blue of a hue (in turns), a saturation and a value (0..1)."""
    return np.array(colorsys.hsv_to_rgb(hue % 1.0, saturation, value), dtype=np.float32)


def paint_ground(rng: np.random.Generator, size: int, hue: float) -> np.ndarray:
    """Paint a background of `size` x `size` pixels around a hue: dark, or light and pale.

    None has a middle brightness, because no ink would stand out on it.
    """
    if rng.random() < _DARK_SHARE:
        base, saturation, drift = rng.uniform(0.08, 0.38), (0.25, 0.75), 0.16
    else:
        base, saturation, drift = rng.uniform(0.76, 0.96), (0.05, 0.3), 0.12
    other = float(np.clip(base + rng.uniform(-drift, drift), 0.04, 0.98))
    one = colour(hue, rng.uniform(*saturation), base)
    two = colour(hue + rng.uniform(-0.12, 0.12), rng.uniform(*saturation), other)
    pattern = _PATTERNS[rng.integers(len(_PATTERNS))](rng, size).astype(np.float32)
    grain = rng.standard_normal((size, size), dtype=np.float32)
    grain *= np.float32(rng.uniform(0.005, 0.03))
    picture = np.empty((size, size, 3), dtype=np.float32)
    for channel in range(3):  # whole planes: far faster than broadcasting over three numbers
        picture[..., channel] = one[channel] + grain + (two - one)[channel] * pattern
    return picture


def scatter_litter(
    rng: np.random.Generator, ground: np.ndarray, most: int, hue: float
) -> np.ndarray:
    """Return the background with up to `most` shapes that are not digits.

    Only filled shapes and hair lines are drawn: a ring or a thick bar would look like a 0 or a 1.
    """
    count = int(rng.integers(most + 1))
    if not count:
        return ground
    size = ground.shape[0]
    layer = Image.new("RGBA", (2 * size, 2 * size))  # drawn twice as large, for smooth edges
    pen = ImageDraw.Draw(layer)
    for _ in range(count):
        tint = colour(hue + rng.uniform(-0.2, 0.2), rng.uniform(0.2, 0.8), rng.uniform(0.15, 0.95))
        red, green, blue = (int(255 * part) for part in tint)
        ink = (red, green, blue, int(rng.integers(70, 180)))
        centre, radius = rng.uniform(0, 2 * size, 2), rng.uniform(0.06, 0.28) * size
        _SHAPES[rng.integers(len(_SHAPES))](rng, pen, centre, radius, ink)
    shapes = np.asarray(layer.reduce(2), dtype=np.float32) * np.float32(1 / 255)
    picture = np.empty_like(ground)
    for channel in range(3):
        below = ground[..., channel]
        picture[..., channel] = below + (shapes[..., channel] - below) * shapes[..., 3]
    return picture


def _ramp(size: int, angle: float) -> np.ndarray:
    """Return (S, S) positions along a direction, about -0.7..0.7 picture sides."""
    line = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    return line[None, :] * np.float32(math.cos(angle)) + line[:, None] * np.float32(math.sin(angle))


def _gradient(rng: np.random.Generator, size: int) -> np.ndarray:
    return np.clip(_ramp(size, rng.uniform(0, 2 * math.pi)) + 0.5, 0.0, 1.0)


def _clouds(rng: np.random.Generator, size: int) -> np.ndarray:
    """Value noise: coarse random grids, enlarged smoothly and added up."""
    total = np.zeros((size, size), dtype=np.float32)
    for cells, weight in ((4, 0.55), (9, 0.3), (22, 0.15)):
        grid = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
        total += weight * np.asarray(grid.resize((size, size), Image.Resampling.BICUBIC))
    return np.clip(1.6 * total - 0.3, 0.0, 1.0)


def _ruled(rng: np.random.Generator, size: int) -> np.ndarray:
    """Paper with fine ruled lines."""
    count = rng.uniform(6, 14)
    phase = _ramp(size, rng.choice([0.0, math.pi / 2]) + rng.normal(0, 0.03)) * count
    lines = np.exp(-(((phase % 1.0 - 0.5) * rng.uniform(9, 16)) ** 2))
    return 0.25 * _gradient(rng, size) + 0.6 * lines.astype(np.float32)


def _weave(rng: np.random.Generator, size: int) -> np.ndarray:
    angle, waves = rng.uniform(0, math.pi), 2 * math.pi * rng.uniform(4, 12)
    cross = np.sin(waves * _ramp(size, angle)) * np.sin(waves * _ramp(size, angle + math.pi / 2))
    return 0.5 + 0.3 * cross + 0.4 * _ramp(size, angle)


def _glow(rng: np.random.Generator, size: int) -> np.ndarray:
    x, y = rng.uniform(-0.4, 0.4, 2)
    distance = (_ramp(size, 0.0) - x) ** 2 + (_ramp(size, math.pi / 2) - y) ** 2
    return np.exp(-distance / rng.uniform(0.05, 0.3)).astype(np.float32)


_PATTERNS = (_gradient, _clouds, _ruled, _weave, _glow)


def _disc(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, at: np.ndarray, radius: float, ink: Ink
) -> None:
    pen.ellipse((*(at - radius), *(at + radius)), fill=ink)


def _polygon(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, at: np.ndarray, radius: float, ink: Ink
) -> None:
    corners = int(rng.integers(3, 6))
    turns = rng.uniform(0, 2 * math.pi) + 2 * math.pi * np.arange(corners) / corners
    points = at + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    pen.polygon([tuple(point) for point in points.tolist()], fill=ink)


def _confetti(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, at: np.ndarray, radius: float, ink: Ink
) -> None:
    for spot in at + rng.normal(0, radius, (9, 2)):
        dot = rng.uniform(0.05, 0.11) * radius + 1.5
        pen.ellipse((*(spot - dot), *(spot + dot)), fill=ink)


def _hair(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, at: np.ndarray, radius: float, ink: Ink
) -> None:
    steps = np.linspace(-2.5, 2.5, 24)
    wave = 0.35 * np.sin(rng.uniform(1, 3) * steps + rng.uniform(0, 6))
    tilt = rng.uniform(0, math.pi)
    turn = np.array([[math.cos(tilt), math.sin(tilt)], [-math.sin(tilt), math.cos(tilt)]])
    points = at + radius * np.stack([steps, wave], axis=1) @ turn
    pen.line([tuple(point) for point in points.tolist()], fill=ink, width=2, joint="curve")


_SHAPES = (_disc, _polygon, _confetti, _hair)
