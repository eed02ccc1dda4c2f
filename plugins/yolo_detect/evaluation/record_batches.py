"""The images of one call, joined column by column and checked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

ImageId = int | str


class Batch(NamedTuple):
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


def joined(
    predictions: Sequence[Detections], targets: Sequence[GroundTruth], ids: Sequence[ImageId]
) -> Batch:
    """Join the arrays of all images; raises UsageError if the shapes of one are wrong."""
    found = (
        [one.boxes for one in predictions],
        [one.scores for one in predictions],
        [one.labels for one in predictions],
    )
    truth = (
        [one.boxes for one in targets],
        [one.labels for one in targets],
        [one.crowd for one in targets],
        [one.areas for one in targets],
    )
    return Batch(
        *_columns(ids, "detections", found, (np.float64, np.float64, np.int64)),
        *_columns(ids, "true objects", truth, (np.float64, np.int64, np.bool_, np.float64)),
    )


def _columns(
    ids: Sequence[ImageId],
    kind: str,
    columns: Sequence[Sequence[np.ndarray]],
    dtypes: Sequence[type],
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return where each image begins, and the columns, boxes first, joined."""
    nothing = [np.empty((0, 4)), *[np.empty(0)] * (len(dtypes) - 1)]
    try:
        # This refuses arrays of different dimensions; so the shapes need not be looked at one by
        # one.
        joined = [
            np.concatenate(parts or [none]) for parts, none in zip(columns, nothing, strict=True)
        ]
        counts = [list(map(len, parts)) for parts in columns]
    except (ValueError, TypeError):
        raise _wrong_shape(ids, kind, columns) from None
    wide = [array.shape[1:] for array in joined]
    if wide != [(4,)] + [()] * (len(wide) - 1) or counts.count(counts[0]) != len(counts):
        raise _wrong_shape(ids, kind, columns)
    return (
        np.cumsum([0, *counts[0]]),
        tuple(array.astype(dtype, copy=False) for array, dtype in zip(joined, dtypes, strict=True)),
    )


def _wrong_shape(
    ids: Sequence[ImageId], kind: str, columns: Sequence[Sequence[np.ndarray]]
) -> UsageError:
    def shapes_of(place: int) -> list[tuple[int, ...]]:
        return [np.shape(parts[place]) for parts in columns]

    def is_wrong(place: int) -> bool:
        boxes, rows, *others = shapes_of(place)
        return len(rows) != 1 or boxes != (*rows, 4) or others.count(rows) != len(others)

    wrong = next(place for place in range(len(ids)) if is_wrong(place))
    return UsageError(
        f"expected {kind} as boxes (N, 4) with N of everything else, got shapes "
        f"{', '.join(map(str, shapes_of(wrong)))} for image {ids[wrong]!r}; give each box one entry"
    )


def check_values(batch: Batch, ids: Sequence[ImageId], classes: int) -> None:
    """Raise UsageError if a number is out of its range."""
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
