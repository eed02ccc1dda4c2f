"""Detections and true objects by image: checked, sorted and flattened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.overlap import corner_and_size
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

ImageId = int | str


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


class _Batch(NamedTuple):
    """The images of one call of `Records.add`, joined; boxes are (x1, y1, x2, y2).

    Image i has detections found_starts[i]:found_starts[i + 1]; its truths likewise.
    """

    found_starts: np.ndarray
    found: tuple[np.ndarray, ...]  # boxes, scores, labels
    truth_starts: np.ndarray
    truth: tuple[np.ndarray, ...]  # boxes, labels, crowd, areas

    def __len__(self) -> int:
        return len(self.found_starts) - 1

    def arrays_of(self, index: int) -> list[np.ndarray]:
        """Return all arrays of one image."""
        found = slice(*self.found_starts[index : index + 2])
        truth = slice(*self.truth_starts[index : index + 2])
        return [*(a[found] for a in self.found), *(a[truth] for a in self.truth)]


_Place = tuple[_Batch, int]  # an image: its batch, its index there


class Records:
    """The images added so far.

    An image may be added twice with the same content, as when processes pad a split; it counts
    once. Adding it again with different content is an error.
    """

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._images: dict[ImageId, _Place] = {}

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
        batch = _joined(predictions, targets, ids)
        _check_values(batch, ids, self._classes)
        self._take((_plain_id(name), (batch, index)) for index, name in enumerate(ids))

    def merge(self, other: Records) -> None:
        """Add all images of `other`."""
        self._take(other._images.items())

    def _take(self, images: Iterable[tuple[ImageId, _Place]]) -> None:
        fresh: dict[ImageId, _Place] = {}
        for name, place in images:
            earlier = fresh.get(name) or self._images.get(name)
            if earlier is not None:
                _check_same(name, earlier, place)
            else:
                fresh[name] = place
        self._images |= fresh

    def flat(self) -> FlatRecords:
        """Flatten all images in order of their ids."""
        names = sorted(self._images, key=lambda name: (isinstance(name, str), name))
        places = [self._images[name] for name in names]
        batches = list({id(batch): batch for batch, _ in places}.values()) or [_joined([], [], [])]
        before = np.cumsum([0, *map(len, batches)]).tolist()
        first = dict(zip(map(id, batches), before, strict=False))
        chosen = np.array([first[id(batch)] + index for batch, index in places], np.int64)
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


def _joined(
    predictions: Sequence[Detections], targets: Sequence[GroundTruth], ids: Sequence[ImageId]
) -> _Batch:
    """Join the arrays of all images; raises UsageError if the shapes of one are wrong."""
    found = [(one.boxes, one.scores, one.labels) for one in predictions]
    truth = [(one.boxes, one.labels, one.crowd, one.areas) for one in targets]
    return _Batch(
        _starts(ids, "detections", found),
        _columns(found, (np.float64, np.float64, np.int64)),
        _starts(ids, "true objects", truth),
        _columns(truth, (np.float64, np.int64, np.bool_, np.float64)),
    )


def _starts(
    ids: Sequence[ImageId], kind: str, images: Sequence[Sequence[np.ndarray]]
) -> np.ndarray:
    starts = [0]
    for name, arrays in zip(ids, images, strict=True):
        boxes, *columns = [array.shape for array in arrays]
        rows = columns[0]
        if len(rows) != 1 or boxes != (*rows, 4) or columns.count(rows) != len(columns):
            shapes = ", ".join(map(str, (boxes, *columns)))
            raise UsageError(
                f"expected {kind} as boxes (N, 4) with N of everything else, got shapes {shapes} "
                f"for image {name!r}; give each box one entry"
            )
        starts.append(starts[-1] + rows[0])
    return np.array(starts)


def _columns(
    images: Sequence[Sequence[np.ndarray]], dtypes: Sequence[type]
) -> tuple[np.ndarray, ...]:
    columns = list(zip(*images, strict=True)) or [[np.empty((0, 4))]] + [[np.empty(0)]] * (
        len(dtypes) - 1
    )
    return tuple(
        np.concatenate(parts).astype(dtype, copy=False)
        for parts, dtype in zip(columns, dtypes, strict=True)
    )


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


def _check_values(batch: _Batch, ids: Sequence[ImageId], classes: int) -> None:
    found, scores, labels = batch.found
    refuse = partial(_refuse, "detections", ids, batch.found_starts)
    refuse("finite box coordinates", np.isfinite(found))
    refuse(f"labels in 0..{classes - 1}", (labels >= 0) & (labels < classes))
    refuse("scores in 0..1", (scores >= 0) & (scores <= 1))
    true, labels, _, areas = batch.truth
    refuse = partial(_refuse, "true objects", ids, batch.truth_starts)
    refuse("finite box coordinates", np.isfinite(true))
    refuse(f"labels in 0..{classes - 1}", (labels >= 0) & (labels < classes))
    upright = true[:, 2:] >= true[:, :2]
    refuse("boxes (x1, y1, x2, y2) with x1 <= x2, y1 <= y2", upright)
    refuse("areas of at least 0", areas >= 0)


def _refuse(
    kind: str, ids: Sequence[ImageId], starts: np.ndarray, expected: str, right: np.ndarray
) -> None:
    if not right.all():
        wrong = np.flatnonzero(~right.reshape(len(right), -1).all(axis=1))
        first = ids[int(np.searchsorted(starts, wrong[0], side="right")) - 1]
        raise UsageError(
            f"expected {expected}, got {len(wrong)} {kind} without, the first in image "
            f"{first!r}; correct the arguments of update()"
        )
