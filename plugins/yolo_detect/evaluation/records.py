"""Detections and true objects by image: checked, sorted and flattened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

ImageId = int | str


@dataclass(frozen=True)
class FlatRecords:
    """All images in flat arrays, by ascending image id; within an image in given order.

    Attributes:
        image_ids: (I,) the images; integers come before strings.
        detection_image: (N,) int64, index into `image_ids`; likewise `truth_image` (G,).
        detection_label: (N,) int64; likewise `truth_label` (G,).
        detection_score: (N,) float64.
        detection_box: (N, 4) float64 (x1, y1, x2, y2); likewise `truth_box` (G, 4).
        truth_crowd: (G,) bool.
        truth_area: (G,) float64, square pixels.
    """

    image_ids: tuple[ImageId, ...]
    detection_image: np.ndarray
    detection_label: np.ndarray
    detection_score: np.ndarray
    detection_box: np.ndarray
    truth_image: np.ndarray
    truth_label: np.ndarray
    truth_box: np.ndarray
    truth_crowd: np.ndarray
    truth_area: np.ndarray


class Records:
    """The images added so far.

    An image may be added twice with the same content, as when processes pad a split; it counts
    once. Adding it again with different content is an error.
    """

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._images: dict[ImageId, tuple[Detections, GroundTruth]] = {}

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
        _check_batch(predictions, targets, ids, self._classes)
        batch: dict[ImageId, tuple[Detections, GroundTruth]] = {}
        for name, found, truth in zip(map(_plain_id, ids), predictions, targets, strict=True):
            earlier = batch.get(name) or self._images.get(name)
            if earlier is not None:
                _check_same(name, earlier, (found, truth))
            batch[name] = (found, truth)
        self._images |= batch

    def merge(self, other: Records) -> None:
        """Add all images of `other`."""
        for name, pair in other._images.items():
            earlier = self._images.get(name)
            if earlier is not None:
                _check_same(name, earlier, pair)
        self._images |= other._images

    def flat(self) -> FlatRecords:
        """Flatten all images in order of their ids."""
        names = sorted(self._images, key=lambda name: (isinstance(name, str), name))
        found = [self._images[name][0] for name in names]
        truth = [self._images[name][1] for name in names]
        return FlatRecords(
            image_ids=tuple(names),
            detection_image=_owners([len(d.scores) for d in found]),
            detection_label=_join([d.labels for d in found], np.int64),
            detection_score=_join([d.scores for d in found], np.float64),
            detection_box=_join([d.boxes for d in found], np.float64, width=4),
            truth_image=_owners([len(t.labels) for t in truth]),
            truth_label=_join([t.labels for t in truth], np.int64),
            truth_box=_join([t.boxes for t in truth], np.float64, width=4),
            truth_crowd=_join([t.crowd for t in truth], np.bool_),
            truth_area=_join([t.areas for t in truth], np.float64),
        )


def _plain_id(name: ImageId) -> ImageId:
    return int(name) if isinstance(name, np.integer) else name


def _owners(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


def _join(parts: Sequence[np.ndarray], dtype: type, width: int | None = None) -> np.ndarray:
    if not parts:
        return np.empty((0,) if width is None else (0, width), dtype)
    return np.concatenate(parts).astype(dtype, copy=False)


def _check_same(
    name: ImageId,
    one: tuple[Detections, GroundTruth],
    two: tuple[Detections, GroundTruth],
) -> None:
    pairs = [(getattr(one[0], key), getattr(two[0], key)) for key in ("boxes", "scores", "labels")]
    keys = ("boxes", "labels", "crowd", "areas")
    pairs += [(getattr(one[1], key), getattr(two[1], key)) for key in keys]
    if not all(np.array_equal(a, b) for a, b in pairs):
        raise UsageError(
            f"expected each image once, but image {name!r} came twice with different boxes; "
            "give every image its own id, or call reset() between evaluations"
        )


def _check_batch(
    predictions: Sequence[Detections],
    targets: Sequence[GroundTruth],
    ids: Sequence[ImageId],
    classes: int,
) -> None:
    for name, found, truth in zip(ids, predictions, targets, strict=True):
        _check_shapes(name, "detections", found.boxes, [found.scores, found.labels])
        _check_shapes(name, "true objects", truth.boxes, [truth.labels, truth.crowd, truth.areas])
    for kind, items in (("detections", predictions), ("true objects", targets)):
        owners = _owners([len(item.labels) for item in items])
        boxes = _join([item.boxes for item in items], np.float64, width=4)
        labels = _join([item.labels for item in items], np.int64)
        _refuse(~np.all(np.isfinite(boxes), axis=1), ids, owners, kind, "finite box coordinates")
        _refuse(
            (labels < 0) | (labels >= classes), ids, owners, kind, f"labels in 0..{classes - 1}"
        )
        if kind == "detections":
            scores = _join([found.scores for found in predictions], np.float64)
            _refuse(~((scores >= 0) & (scores <= 1)), ids, owners, kind, "scores in 0..1")
        else:
            inverted = np.any(boxes[:, 2:] < boxes[:, :2], axis=1)
            _refuse(inverted, ids, owners, kind, "boxes (x1, y1, x2, y2) with x1 <= x2, y1 <= y2")
            areas = _join([truth.areas for truth in targets], np.float64)
            _refuse(np.logical_not(areas >= 0), ids, owners, kind, "areas of at least 0")


def _check_shapes(
    name: ImageId, kind: str, boxes: np.ndarray, columns: Sequence[np.ndarray]
) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4 or any(c.shape != boxes.shape[:1] for c in columns):
        shapes = ", ".join(str(array.shape) for array in (boxes, *columns))
        raise UsageError(
            f"expected {kind} as boxes (N, 4) with N of everything else, got shapes {shapes} for "
            f"image {name!r}; give each box one entry"
        )


def _refuse(
    wrong: np.ndarray, ids: Sequence[ImageId], owners: np.ndarray, kind: str, expected: str
) -> None:
    if wrong.any():
        first = ids[int(owners[np.flatnonzero(wrong)[0]])]
        raise UsageError(
            f"expected {expected}, got {int(wrong.sum())} {kind} without, the first in image "
            f"{first!r}; correct the arguments of update()"
        )
