"""Detections and true objects by image: checked, sorted and flattened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.overlap import corner_and_size
from nntasks.plugins.yolo_detect.evaluation.record_batches import (
    Batch,
    ImageId,
    check_values,
    joined,
)
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


@dataclass(frozen=True)
class FlatDetections:
    """The detections of all images.

    Attributes:
        image: (N,) int64, index of the image.
        label: (N,) int64.
        score: (N,) float64.
        box: (N, 4) float64 (x, y, width, height), as in COCO files.
    """

    image: np.ndarray
    label: np.ndarray
    score: np.ndarray
    box: np.ndarray


@dataclass(frozen=True)
class FlatTruths:
    """The true objects of all images.

    Attributes:
        image: (G,) int64, index of the image.
        label: (G,) int64.
        box: (G, 4) float64 (x, y, width, height), as in COCO files.
        crowd: (G,) bool.
        area: (G,) float64, square pixels.
    """

    image: np.ndarray
    label: np.ndarray
    box: np.ndarray
    crowd: np.ndarray
    area: np.ndarray


@dataclass(frozen=True)
class FlatRecords:
    """All images in flat arrays; the boxes of an image are in the order given.

    Attributes:
        image_ids: (I,) the images; integers come before strings.
        detections: of all images, by image unless they were read from a file in another order.
        truths: likewise.
    """

    image_ids: tuple[ImageId, ...]
    detections: FlatDetections
    truths: FlatTruths


_Place = tuple[Batch, int]  # an image: its batch, its index there


class Records:
    """The images added so far.

    An image may be added twice with the same content, as when processes pad a split; it counts
    once. Adding it again with different content is an error.
    """

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._batches: list[Batch] = []
        self._firsts: list[int] = [
            0
        ]  # the number of the first image of each batch, and of the next
        self._images: dict[ImageId, int] = {}  # numbers over all batches

    def __len__(self) -> int:
        return len(self._images)

    def __iter__(self) -> Iterator[ImageId]:
        return iter(self._images)

    def add(
        self,
        predictions: Sequence[Detections],
        targets: Sequence[GroundTruth],
        ids: Sequence[ImageId],
    ) -> None:
        """Add one batch; raises UsageError, and adds nothing, if it is malformed."""
        if not len(predictions) == len(targets) == len(ids):
            raise UsageError(
                "expected one prediction, one target and one id per image, got "
                f"{len(predictions)}, {len(targets)} and {len(ids)}; pass three lists of one length"
            )
        batch = joined(predictions, targets, ids)
        check_values(batch, ids, self._classes)
        self._take([batch], [_plain_id(name) for name in ids], range(len(ids)))

    def merge(self, other: Records) -> None:
        """Add all images of `other`."""
        self._take(other._batches, other._images, other._images.values())

    def _take(
        self, batches: Sequence[Batch], names: Iterable[ImageId], numbers: Iterable[int]
    ) -> None:
        """Add images of new batches by their numbers over all of these."""
        known, first = len(self._batches), self._firsts[-1]
        self._batches += batches
        self._firsts += (first + np.cumsum([len(batch) for batch in batches])).tolist()
        fresh: dict[ImageId, int] = {}
        try:
            for name, number in zip(names, numbers, strict=True):
                earlier = fresh.get(name, self._images.get(name))
                if earlier is None:
                    fresh[name] = first + number
                else:
                    _check_same(name, self._place(earlier), self._place(first + number))
        except UsageError:
            del self._batches[known:], self._firsts[known + 1 :]
            raise
        self._images |= fresh

    def _place(self, number: int) -> _Place:
        batch = bisect_right(self._firsts, number) - 1
        return self._batches[batch], number - self._firsts[batch]

    def flat(self) -> FlatRecords:
        """Flatten all images in order of their ids."""
        names = sorted(self._images, key=lambda name: (isinstance(name, str), name))
        chosen = np.array([self._images[name] for name in names], np.int64)
        batches = self._batches or [joined([], [], [])]
        image, (boxes, scores, labels) = _in_order(
            [(batch.found_starts, batch.found) for batch in batches], chosen
        )
        owner, (true, kinds, crowd, areas) = _in_order(
            [(batch.truth_starts, batch.truth) for batch in batches], chosen
        )
        return FlatRecords(
            image_ids=tuple(names),
            detections=FlatDetections(image, labels, scores, corner_and_size(boxes)),
            truths=FlatTruths(owner, kinds, corner_and_size(true), crowd, areas),
        )


def _plain_id(name: ImageId) -> ImageId:
    return int(name) if isinstance(name, np.integer) else name


def _in_order(
    batches: Sequence[tuple[np.ndarray, tuple[np.ndarray, ...]]], chosen: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the arrays of the chosen images one behind the other, and the image of each entry."""
    counts = np.concatenate([np.diff(starts) for starts, _ in batches])
    columns = [
        parts[0] if len(parts) == 1 else np.concatenate(parts)
        for parts in zip(*(columns for _, columns in batches), strict=True)
    ]
    first = (np.cumsum(counts) - counts)[chosen]
    if not np.array_equal(chosen, np.arange(len(counts))):
        counts = counts[chosen]
        before = np.cumsum(counts) - counts
        index = np.arange(counts.sum()) + np.repeat(first - before, counts)
        columns = [column[index] for column in columns]
    return np.repeat(np.arange(len(counts)), counts), columns


def _check_same(name: ImageId, one: _Place, two: _Place) -> None:
    pairs = zip(*(batch.arrays_of(index) for batch, index in (one, two)), strict=True)
    if not all(np.array_equal(a, b) for a, b in pairs):
        raise UsageError(
            f"expected each image once, but image {name!r} came twice with different boxes; "
            "give every image its own id, or call reset() between evaluations"
        )
