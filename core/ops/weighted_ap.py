"""Average precision of many weightings of the images at once: `weighted_ap`.

A bootstrap over images (Efron 1979) gives each image a weight: how often it was drawn. A drawn
image brings its detections and its matches along, so nothing is matched again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_tensor
from nntasks.ops._library import define, op
from nntasks.ops._weighted_ap_reference import sweep

Values = Tensor | np.ndarray
MOST_DETECTIONS, MOST_TRUTHS, MOST_IMAGES = 2**23, 2**26, 2**24
MOST_LEVELS, MOST_COLUMNS = 1001, 4096


class Rankings(NamedTuple):
    """The detections of each class by descending score, and which of them are right.

    All are on the CPU, as tensors or NumPy arrays. An area range and an IoU threshold are a column.

    Attributes:
        starts: (C + 1,) int64 from 0 to N: class c has the detections starts[c]:starts[c + 1].
        image: (N,) int64, from 0 to I - 1.
        copy: (N,) int64, 0 to 255. 0: the detection stands for all copies of its image, one behind
            the other. c > 0: for the c-th copy alone, so that detections of equal score in one
            image can take turns.
        outside: (N, A) bool, the detection does not count in the area range.
        rows: (K,) int64, rising: the detections of which `right` and `ignored` tell.
        right: (A, T, K) bool, true positives. The detections in no row are none.
        ignored: (A, T, K) bool, rows that do not count; they replace what `outside` says of a row.
            A row that is ignored is not right.
    """

    starts: Values
    image: Values
    copy: Values
    outside: Values
    rows: Values
    right: Values
    ignored: Values


def weighted_ap(
    rankings: Rankings, truths: Values, weights: Values, levels: Values
) -> tuple[Tensor, Tensor]:
    """Return average precision where every image counts as often as its weight says.

    It is that of a data set in which an image of weight w occurs w times, its copies side by side.
    Rank the detections that count, without the ignored ones: precision at a true positive is the
    share of true positives up to it, recall their share of the objects. The average is over the
    recall levels, of the highest precision at that recall or above (0 where it is not reached);
    without levels, over the objects (PASCAL VOC 2010).

    Args:
        rankings: see `Rankings`; fewer than 2^23 detections, at most 4096 columns.
        truths: (A, C, B) int64, the weighted number of objects, at most 2^26.
        weights: (B, I) uint8, for at most 2^24 images.
        levels: (L,) float64, evenly spaced from 0 to 1 (within 1e-12), 2 to 1001 or none. A recall
            equal to a level reaches it, unless the level was rounded up and so lies above, as nine
            of `numpy.linspace(0, 1, 101)` do.

    Returns:
        (A, T, C, B) float64 in 0..1, NaN without objects, and (A, T, C, B) int64, the weighted
        number of true positives. The same bits from both implementations and any number of threads.

    Raises:
        TypeError: on a wrong dtype.
        ValueError: on a wrong shape or device, or numbers that do not fit each other.
    """
    arguments = [
        torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for value in (*rankings, truths, weights, levels)
    ]
    _check(*arguments)
    if not torch.compiler.is_compiling():  # a graph cannot branch on values; the kernels check them
        _check_values(*arguments)
    precision, found = op("weighted_ap")(*arguments)
    return precision, found


_TYPES = {
    "starts": torch.int64,
    "image": torch.int64,
    "copy": torch.int64,
    "outside": torch.bool,
    "rows": torch.int64,
    "right": torch.bool,
    "ignored": torch.bool,
    "truths": torch.int64,
    "weights": torch.uint8,
    "levels": torch.float64,
}
_DIMENSIONS = (1, 1, 1, 2, 1, 3, 3, 3, 2, 1)


def _check(*tensors: Tensor) -> None:
    for (name, dtype), value in zip(_TYPES.items(), tensors, strict=True):
        if dtype == torch.int64:
            check_int64("weighted_ap", name, value)
        check_tensor("weighted_ap", name, value)
        if value.dtype != dtype:
            raise TypeError(f"weighted_ap: {name} must be {dtype}, got {value.dtype}")
    if not _shapes_fit(*tensors):
        raise ValueError(
            f"weighted_ap: {', '.join(_TYPES)} must have shapes (C + 1,), (N,), (N,), (N, A), "
            "(K,), (A, T, K), (A, T, K), (A, C, B), (B, I) and (L,), got "
            + ", ".join(str(tuple(value.shape)) for value in tensors)
        )
    devices = {value.device.type for value in tensors}
    if not devices <= {"cpu", "meta"} or len(devices) > 1:
        raise ValueError(
            f"weighted_ap: all tensors must be on the CPU, got {', '.join(sorted(devices))}; "
            "use .cpu()"
        )
    _check_sizes(*tensors)


def _shapes_fit(*tensors: Tensor) -> bool:
    starts, image, copy, outside, rows, right, ignored, truths, weights, _ = tensors
    if [value.dim() for value in tensors] != list(_DIMENSIONS) or starts.shape[0] < 1:
        return False
    areas, classes = outside.shape[1], starts.shape[0] - 1
    return (
        image.shape == copy.shape == outside.shape[:1]
        and right.shape == (areas, right.shape[1], rows.shape[0])
        and ignored.shape == right.shape
        and truths.shape == (areas, classes, weights.shape[0])
    )


def _check_sizes(*tensors: Tensor) -> None:
    _, image, _, _, _, right, _, _, weights, levels = tensors
    if image.shape[0] >= MOST_DETECTIONS:
        raise ValueError(
            f"weighted_ap: expected fewer than 2^23 detections, got {image.shape[0]:,}"
        )
    if weights.shape[1] > MOST_IMAGES:
        raise ValueError(
            f"weighted_ap: expected weights of at most 2^24 images, got {weights.shape[1]:,}"
        )
    if right.shape[0] * right.shape[1] > MOST_COLUMNS or max(right.shape[:2]) > MOST_COLUMNS:
        raise ValueError(
            f"weighted_ap: expected at most {MOST_COLUMNS} columns, area ranges times thresholds, "
            f"got {right.shape[0]} times {right.shape[1]}"
        )
    if levels.shape[0] == 1 or levels.shape[0] > MOST_LEVELS:
        raise ValueError(
            f"weighted_ap: levels must be none, or 2 to {MOST_LEVELS} from 0 to 1, got "
            f"{levels.shape[0]}"
        )


def _check_values(*tensors: Tensor) -> None:
    starts, image, copy, _, rows, _, _, truths, weights, levels = tensors
    count, images = image.shape[0], weights.shape[1]
    if starts[0] != 0 or starts[-1] != count or bool((starts.diff() < 0).any()):
        raise ValueError(f"weighted_ap: starts must rise from 0 to {count}")
    for name, value, most in (
        ("image", image, images - 1),
        ("copy", copy, 255),
        ("rows", rows, count - 1),
        ("truths", truths, MOST_TRUTHS),
    ):
        if value.numel() and not 0 <= int(value.min()) <= int(value.max()) <= most:
            raise ValueError(f"weighted_ap: {name} must be from 0 to {most}")
    if bool((rows.diff() < 1).any()):
        raise ValueError("weighted_ap: rows must rise")
    if len(levels):
        apart = (levels - torch.arange(len(levels)).double() / (len(levels) - 1)).abs()
        if not bool((apart <= 1e-12).all()):
            raise ValueError("weighted_ap: levels must be evenly spaced from 0 to 1")


def _reference(*tensors: Any) -> tuple[Tensor, Tensor]:
    _check(*tensors)
    _check_values(*tensors)
    precision, found = sweep(*(value.detach().numpy() for value in tensors))
    return torch.from_numpy(precision), torch.from_numpy(found)


def _fake(*tensors: Tensor) -> tuple[Tensor, Tensor]:
    _check(*tensors)
    _, _, _, _, _, right, _, truths, _, levels = tensors
    shape = (right.shape[0], right.shape[1], truths.shape[1], truths.shape[2])
    return levels.new_empty(shape), truths.new_empty(shape)


define(
    "weighted_ap(Tensor starts, Tensor image, Tensor copy, Tensor outside, Tensor rows, "
    "Tensor right, Tensor ignored, Tensor truths, Tensor weights, Tensor levels) "
    "-> (Tensor, Tensor)",
    _reference,
    _fake,
)
