"""Painting of a scene: handwritten digits on a background, each with its tight box.

The digits are scans of 8x8 pixels, writer after writer. Of every 200, the first 140 are for
training, the next 20 for validation and the last 40 for the test: no digit occurs in two splits,
while most writers occur in all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from nntasks.pictures.digits import handwritten_digits
from nntasks.pictures.grounds import colour, luminance, paint_ground, scatter_litter
from nntasks.plugins.yolo_detect.data.scene_options import ScenesConfig
from nntasks.seeding import Seeds

Scene = tuple[np.ndarray, np.ndarray, np.ndarray]  # image, boxes, labels

_PARTS = {"train": (0, 140), "validation": (140, 160), "test": (160, 200)}  # of every 200 digits
_MARGIN = 2  # margin around a scan, for rotation
_SHARPEN = 0.8  # of the difference from the mean of the four neighbours
_ATTEMPTS = 25  # positions tried before a digit is left out


def paint_numbered(options: ScenesConfig, seeds: Seeds, split: str, index: int) -> Scene:
    """Paint scene `index` of a split."""
    return paint_scene(seeds.numpy(f"scenes.{split}", index), options, split)


def paint_scene(rng: np.random.Generator, options: ScenesConfig, split: str) -> Scene:
    """Paint one scene with digits of one split.

    Returns:
        the image (S, S, 3) uint8 RGB, boxes (M, 4) float64 xyxy and labels (M,) int64, M >= 1.
        The box of a digit encloses the pixels where its ink is at least half opaque.
    """
    hue = rng.random()
    picture = paint_ground(rng, options.size, hue)
    picture = np.clip(scatter_litter(rng, picture, options.litter, hue), 0.0, 1.0)
    scans, names = digits_of(split)
    boxes: list[np.ndarray] = []
    labels: list[int] = []
    fewest, most = options.digits_in(split)
    for _ in range(int(rng.integers(fewest, most + 1))):
        pick = int(rng.integers(len(scans)))
        glyph = _draw_glyph(rng, scans[pick], options)
        box = _find_place(rng, glyph, boxes, options)
        if box is not None:
            _apply_ink(rng, picture, glyph, box, hue, options.contrast)
            boxes.append(box)
            labels.append(int(names[pick]))
    image = (picture * 255 + 0.5).astype(np.uint8)
    return image, np.array(boxes, dtype=np.float64), np.array(labels, dtype=np.int64)


@cache
def digits_of(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the scans (N, 12, 12) float32 and the labels (N,) that belong to a split.

    Scans have a margin, ink is about 1 and paper about 0; sharpening reopens the small holes of
    an 8 that averaging to 8x8 pixels closed.
    """
    images, labels = handwritten_digits()
    first, end = _PARTS[split]
    place = np.arange(len(labels)) % 200
    mine = (place >= first) & (place < end)
    scans = np.pad(images[mine] / 16, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)))
    around = sum(np.roll(scans, shift, axis) for shift in (-1, 1) for axis in (1, 2)) / 4
    return (scans + _SHARPEN * (scans - around)).astype(np.float32), labels[mine]


@dataclass(frozen=True)
class _Glyph:
    """A digit's ink: opacity (h, w) float32, and the tight box (x1, y1, x2, y2) within it."""

    opacity: np.ndarray
    tight: np.ndarray


def _draw_glyph(rng: np.random.Generator, scan: np.ndarray, options: ScenesConfig) -> _Glyph:
    """Enlarge a scan smoothly, with slight rotation, shear and stretch."""
    low, high = math.log(options.smallest), math.log(options.largest)
    height = options.size * math.exp(rng.uniform(low, high))
    cells = len(scan)
    side = math.ceil(height * cells / (cells - 2 * _MARGIN))
    turn, shear, stretch = (
        rng.uniform(-0.12, 0.12),
        rng.uniform(-0.12, 0.12),
        rng.uniform(0.9, 1.15),
    )
    sine, cosine = math.sin(turn), math.cos(turn)
    to_scan = np.array([[cosine, sine + shear], [-sine, cosine]]) @ np.diag([1 / stretch, 1.0])
    to_scan *= cells / side
    shift = cells / 2 - to_scan @ np.array([side / 2, side / 2])
    enlarged = Image.fromarray(scan).transform(
        (side, side),
        Image.Transform.AFFINE,
        (*to_scan[0], shift[0], *to_scan[1], shift[1]),
        Image.Resampling.BICUBIC,
    )
    edge = rng.uniform(0.34, 0.5)  # thicker or thinner strokes
    rise = np.clip((np.asarray(enlarged) - edge) / 0.22 + 0.5, 0.0, 1.0)
    opacity = rise * rise * (3 - 2 * rise)
    rows, columns = (np.flatnonzero((opacity >= 0.5).any(axis=axis)) for axis in (1, 0))
    tight = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], dtype=np.float64)
    return _Glyph(opacity, tight)


def _find_place(
    rng: np.random.Generator, glyph: _Glyph, taken: list[np.ndarray], options: ScenesConfig
) -> np.ndarray | None:
    """Return a box for the digit with little overlap with others, or None."""
    extent = glyph.tight[2:] - glyph.tight[:2]
    room = options.size - extent
    if (room < 0).any():  # stretched beyond the picture
        return None
    for _ in range(_ATTEMPTS):
        corner = np.floor(rng.uniform(0, 1, 2) * (room + 1))
        box = np.concatenate([corner, corner + extent])
        if all(_covered(box, other) <= options.overlap for other in taken):
            return box
    return None


def _covered(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of the smaller box that the other covers."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = ((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return float(width * height / min(areas))


def _apply_ink(
    rng: np.random.Generator,
    picture: np.ndarray,
    glyph: _Glyph,
    box: np.ndarray,
    hue: float,
    contrast: float,
) -> None:
    """Blend a digit into the picture, in place, often with a soft shadow."""
    x, y = (box[:2] - glyph.tight[:2]).astype(int)
    if rng.random() < 0.5:
        offset = max(1, round(glyph.opacity.shape[0] * rng.uniform(0.02, 0.06)))
        soft = Image.fromarray((glyph.opacity * 255).astype(np.uint8))
        soft = soft.filter(ImageFilter.GaussianBlur(offset))
        shade = np.asarray(soft, dtype=np.float32) * np.float32(rng.uniform(0.2, 0.45) / 255)
        view, part = _visible(picture, shade, x + offset, y + offset)
        for channel in range(3):
            view[..., channel] *= 1 - part
    view, part = _visible(picture, glyph.opacity, x, y)
    x1, y1, x2, y2 = box.astype(int)
    ground = float(luminance(picture[y1:y2, x1:x2].mean(axis=(0, 1))))
    top, bottom = _ink_colours(rng, ground, hue, contrast)
    down = np.linspace(0, 1, len(view), dtype=np.float32)[:, None]
    part = part * np.float32(rng.uniform(0.85, 1.0))
    for channel in range(3):
        ink = top[channel] + (bottom - top)[channel] * down
        view[..., channel] += (ink - view[..., channel]) * part


def _visible(
    picture: np.ndarray, layer: np.ndarray, x: int, y: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of the picture that a layer at (x, y) covers, and that part of the layer."""
    size = picture.shape[0]
    height, width = layer.shape
    left, top = max(0, -x), max(0, -y)
    right, bottom = min(width, size - x), min(height, size - y)
    view = picture[y + top : y + bottom, x + left : x + right]
    return view, layer[top:bottom, left:right]


def _ink_colours(
    rng: np.random.Generator, ground: float, hue: float, contrast: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper and the lower colour of a digit, both in contrast to the background."""
    ink_hue = hue + rng.choice([0.0, 1 / 3, 0.5, 2 / 3]) + rng.normal(0, 0.04)
    lighter = ground < 0.5
    start = rng.uniform(0.25, 0.95)
    colours = []
    for drift in (0.0, rng.uniform(-0.12, 0.12)):
        tint = colour(ink_hue + drift, start, 1.0)
        level = float(luminance(tint))
        if lighter:  # towards white until bright enough
            goal = min(1.0, ground + contrast + 0.02)
            share = max(0.0, (goal - level) / max(1e-6, 1 - level))
            colours.append(tint + (1 - tint) * np.float32(min(1.0, share)))
        else:  # towards black until dark enough
            goal = max(0.0, ground - contrast - 0.02) * rng.uniform(0.5, 1.0)
            colours.append(tint * np.float32(min(1.0, goal / level)))
    return colours[0], colours[1]
