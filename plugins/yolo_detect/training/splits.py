"""A detection split: samples in batches, as they are for evaluation or augmented for training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nntasks.interfaces import Batch, Split
from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox, fit_square
from nntasks.plugins.yolo_detect.samples import GroundTruth, Sample
from nntasks.plugins.yolo_detect.training.augmentation import Augmentation, augment
from nntasks.seeding import Seeds


@dataclass(frozen=True)
class DetectionInputs:
    """What a detector reads.

    Attributes:
        images: (B, 3, S, S) uint8 RGB, channels-last in memory; the model scales to 0..1.
        letterboxes: per image, how it was fitted into the square, to map boxes back; empty for
            training batches, whose boxes are given in the square.
    """

    images: Tensor
    letterboxes: tuple[Letterbox, ...] = ()


class DetectionSplit(Split):
    """One part of a detection data set.

    Args:
        samples: the images with their objects.
        size: side S of the network's input in pixels.
        augmentation: how training batches are varied.
        seeds: the random streams of the run.
    """

    def __init__(
        self, samples: Sequence[Sample], size: int, augmentation: Augmentation, seeds: Seeds
    ) -> None:
        self.samples = samples
        self.size = size
        self.augmentation = augmentation
        self.seeds = seeds

    def __len__(self) -> int:
        return len(self.samples)

    def contents(self) -> Any:
        """Return the samples; how they are augmented is no data."""
        return self.samples

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        """Return samples letterboxed (no epoch) or augmented (with one).

        Without an epoch the targets are a list of `GroundTruth` in pixels of the original images.
        With one they are a (T, 6) float32 tensor of rows (image in batch, class, cx, cy, w, h),
        boxes as shares of S, without crowd regions.
        """
        samples = [self.samples[index] for index in indices]
        ids = [sample.image_id for sample in samples]
        if epoch is None:
            fitted = [fit_square(sample.read(), self.size) for sample in samples]
            inputs = DetectionInputs(
                _stack([image for image, _ in fitted]), tuple(geometry for _, geometry in fitted)
            )
            return Batch(inputs, [sample.truth for sample in samples], ids)
        images, targets = [], []
        for place, (index, sample) in enumerate(zip(indices, samples, strict=True)):
            rng = self.seeds.numpy("augment", epoch, index)
            image, rows = augment(sample, self._draw, self.size, self.augmentation, rng)
            images.append(image)
            targets.append(np.insert(rows, 0, place, axis=1))
        return Batch(
            DetectionInputs(_stack(images)), torch.from_numpy(np.concatenate(targets)), ids
        )

    def _draw(self, rng: np.random.Generator) -> Sample:
        return self.samples[int(rng.integers(len(self.samples)))]

    def shapes(self, most: int) -> np.ndarray:
        """Return (N, 2) widths and heights of objects in pixels of the network's input.

        Reads at most `most` images. Objects without extent, which no anchor fits, are left out.
        """
        shapes = [np.zeros((0, 2))]
        for sample in self.samples[:most]:
            height, width = sample.read().shape[:2]
            boxes = sample.truth.boxes[~sample.truth.crowd]
            sides = boxes[:, 2:] - boxes[:, :2]
            sides = sides[(sides > 0).all(axis=1)]
            shapes.append(sides * self.size / max(height, width))
        return np.concatenate(shapes)


def rows_of_objects(truths: Sequence[GroundTruth], places: Sequence[Letterbox]) -> Tensor:
    """Return the targets of pictures in squares, as `DetectionSplit.batch` does for training.

    Args:
        truths: the objects of each picture, in its own pixels.
        places: the place of each picture in its square.

    Returns:
        (T, 6) float32 rows (image in batch, class, cx, cy, w, h), boxes as shares of the square,
        without crowd regions and objects without extent.
    """
    rows = [np.zeros((0, 6))]
    for number, (truth, place) in enumerate(zip(truths, places, strict=True)):
        boxes = place.to_square(truth.boxes[~truth.crowd]) / place.size
        sides = boxes[:, 2:] - boxes[:, :2]
        own = [np.full(len(boxes), number), truth.labels[~truth.crowd]]
        found = np.column_stack([*own, (boxes[:, :2] + boxes[:, 2:]) / 2, sides])
        rows.append(found[(sides > 0).all(axis=1)])
    return torch.from_numpy(np.concatenate(rows).astype(np.float32))


def _stack(images: list[np.ndarray]) -> Tensor:
    """Stack (S, S, 3) images; the result (B, 3, S, S) keeps the channels last in memory."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
