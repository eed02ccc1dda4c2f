"""Augmentation of detection samples: mosaic, scale, translation, flips and colour jitter.

A picture is never enlarged as a whole: whatever the mix of mosaic, scale and translation, each
source lands in an upright rectangle of the output, so it is cut out and resized once.

Mosaic (four pictures around a random centre): Bochkovskiy et al., "YOLOv4", 2020. The limits below
which a cut object is dropped are YOLOv5's published ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from PIL import Image

from nntasks.plugins.yolo_detect.inference.letterbox import PADDING
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample

_LEAST_SIDE = 2.0  # pixels
_LEAST_SHARE = 0.1  # of the box before cutting
_LARGEST_ASPECT = 100.0


@dataclass(frozen=True)
class Augmentation:
    """How far training samples are varied; the defaults vary nothing.

    Attributes:
        mosaic: probability of putting four pictures together.
        flip, flip_vertical: probabilities of mirroring left-right and upside down.
        scale: pictures are enlarged by a factor uniform in 1 - scale .. 1 + scale.
        translate: the middle moves by up to this share of the side, both ways.
        hue, saturation, value: factors uniform in 1 - x .. 1 + x (hue wraps around).
    """

    mosaic: float = 0.0
    flip: float = 0.0
    flip_vertical: float = 0.0
    scale: float = 0.0
    translate: float = 0.0
    hue: float = 0.0
    saturation: float = 0.0
    value: float = 0.0

    @classmethod
    def of(cls, config: Any) -> Augmentation:
        """Take the fields of the same names from a configuration."""
        return cls(**{field.name: getattr(config, field.name) for field in fields(cls)})


@dataclass(frozen=True)
class _Canvas:
    """What is being put together: the image (S, S, 3), and objects in its pixels."""

    image: np.ndarray
    boxes: np.ndarray  # (M, 4) xyxy
    labels: np.ndarray  # (M,)


def augment(
    sample: Sample,
    partner: Callable[[np.random.Generator], Sample],
    size: int,
    options: Augmentation,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Make one training picture.

    Args:
        sample: the picture to vary.
        partner: draws another picture of the split for a mosaic.
        size: side S of the result in pixels.
        options: how far to go.
        rng: every choice comes from here.

    Returns:
        the image (S, S, 3) uint8 RGB, and targets (M, 5) float32 rows (class, cx, cy, w, h), boxes
        as shares of S. Crowd regions are left out.
    """
    if rng.random() < options.mosaic:
        canvas = _mosaic([sample, *(partner(rng) for _ in range(3))], size, options, rng)
    else:
        canvas = _single(sample, size, options, rng)
    image, boxes = _flip(canvas.image, canvas.boxes, options, rng)
    targets = np.empty((len(boxes), 5), dtype=np.float32)
    targets[:, 0] = canvas.labels
    targets[:, 1:3] = (boxes[:, :2] + boxes[:, 2:]) / (2 * size)
    targets[:, 3:] = (boxes[:, 2:] - boxes[:, :2]) / size
    return jitter_colours(image, options, rng), targets


def _single(sample: Sample, size: int, options: Augmentation, rng: np.random.Generator) -> _Canvas:
    """Place one picture in the middle, then scale and move it."""
    factor, shift = _draw_zoom(size, options, rng)
    image = sample.read()
    ratio = size / max(image.shape[:2])
    extent = ratio * np.array([image.shape[1], image.shape[0]])
    whole = np.concatenate([-extent / 2, extent / 2]) * factor + np.tile(size / 2 + shift, 2)
    return _paste([(sample, image, whole, whole)], size)


def _mosaic(
    samples: list[Sample], size: int, options: Augmentation, rng: np.random.Generator
) -> _Canvas:
    """Let four pictures meet in one point of a canvas twice as large; look at its middle."""
    meeting = rng.uniform(-0.5, 0.5, 2) * size  # from the middle of the canvas
    factor, shift = _draw_zoom(size, options, rng)
    placed = []
    for number, sample in enumerate(samples):
        image = sample.read()
        extent = size / max(image.shape[:2]) * np.array([image.shape[1], image.shape[0]])
        side = np.array([number % 2, number // 2])  # left or right, above or below the point
        corner = meeting + (side - 1) * extent
        whole = np.concatenate([corner, corner + extent])
        visible = np.clip(whole, -size, size)  # the canvas ends here
        whole, visible = (box * factor + np.tile(size / 2 + shift, 2) for box in (whole, visible))
        placed.append((sample, image, whole, visible))
    return _paste(placed, size)


def _draw_zoom(
    size: int, options: Augmentation, rng: np.random.Generator
) -> tuple[float, np.ndarray]:
    factor = rng.uniform(1 - options.scale, 1 + options.scale)
    return factor, rng.uniform(-options.translate, options.translate, 2) * size


def _paste(placed: list[tuple[Sample, np.ndarray, np.ndarray, np.ndarray]], size: int) -> _Canvas:
    """Resize pictures into the boxes they take, cut to what is visible, with their objects."""
    canvas = np.full((size, size, 3), PADDING, dtype=np.uint8)
    boxes, labels = [], []
    for sample, image, whole, visible in placed:
        shown = np.clip(visible, 0, size)
        x1, y1, x2, y2 = np.rint(shown).astype(int)
        if x2 <= x1 or y2 <= y1:
            continue
        zoom = (whole[2:] - whole[:2]) / [image.shape[1], image.shape[0]]  # about equal
        source = (np.array([x1, y1, x2, y2]) - np.tile(whole[:2], 2)) / np.tile(zoom, 2)
        source = np.clip(source, 0, np.tile([image.shape[1], image.shape[0]], 2))
        canvas[y1:y2, x1:x2] = _cut(image, source, (x2 - x1, y2 - y1))
        kept, which = _move_boxes(sample.truth, np.tile(zoom, 2), np.tile(whole[:2], 2), shown)
        boxes.append(kept)
        labels.append(sample.truth.labels[which])
    if not boxes:
        return _Canvas(canvas, np.zeros((0, 4)), np.zeros(0, dtype=np.int64))
    return _Canvas(canvas, np.concatenate(boxes), np.concatenate(labels))


def _cut(image: np.ndarray, source: np.ndarray, extent: tuple[int, int]) -> np.ndarray:
    """Resize the part `source` (xyxy) of an image to `extent` (width, height)."""
    corners = np.rint(source).astype(int)
    x1, y1, x2, y2 = corners
    if np.abs(source - corners).max() < 1e-6 and (x2 - x1, y2 - y1) == extent:
        return image[y1:y2, x1:x2]  # no pixel changes
    picture = Image.fromarray(image)
    return np.asarray(picture.resize(extent, Image.Resampling.BILINEAR, box=tuple(source)))


def _move_boxes(
    truth: GroundTruth, zoom: np.ndarray, corner: np.ndarray, shown: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the objects' boxes cut to what is shown, and which objects (K,) are still worth it."""
    whole = truth.boxes * zoom + corner
    cut = np.clip(whole, np.tile(shown[:2], 2), np.tile(shown[2:], 2))
    sides, before = cut[:, 2:] - cut[:, :2], whole[:, 2:] - whole[:, :2]
    aspect = sides.max(axis=1) / np.maximum(sides.min(axis=1), 1e-9)
    worth = (sides > _LEAST_SIDE).all(axis=1) & (aspect < _LARGEST_ASPECT)
    worth &= sides.prod(axis=1) > _LEAST_SHARE * before.prod(axis=1)
    which = np.flatnonzero(worth & ~truth.crowd)
    return cut[which], which


def _flip(
    image: np.ndarray, boxes: np.ndarray, options: Augmentation, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    across, over = rng.random(2) < [options.flip, options.flip_vertical]
    height, width = image.shape[:2]
    if across:
        image = image[:, ::-1]
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
    if over:
        image = image[::-1]
        boxes = np.stack([boxes[:, 0], height - boxes[:, 3], boxes[:, 2], height - boxes[:, 1]], 1)
    return image, boxes


def jitter_colours(
    image: np.ndarray, options: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """Multiply hue, saturation and value of an image (H, W, 3) uint8 by random factors."""
    limits = np.array([options.hue, options.saturation, options.value])
    factors = 1 + rng.uniform(-1, 1, 3) * limits
    if not limits.any():
        return image
    levels = np.arange(256) * factors[:, None]
    table = np.concatenate([levels[0] % 256, np.minimum(levels[1:].ravel(), 255)]).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(image)).convert("HSV").point(table.tolist())
    return np.asarray(picture.convert("RGB"))
