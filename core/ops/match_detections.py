"""The matching of the COCO evaluation from flat arrays: `match_detections`.

Source: the COCO detection evaluation, https://cocodataset.org/#detection-eval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, SupportsIndex

import numpy as np
import torch
from torch import Tensor

from nntasks.ops._arguments import MOST, check_int64, check_tensor, checked_int
from nntasks.ops._library import define, op
from nntasks.ops._match_detections_reference import match_reference

Values = Tensor | np.ndarray
_OP = "match_detections"
_NAMES = (
    *("image", "label", "score", "box", "truth_image", "truth_label", "truth_box"),
    *("truth_crowd", "truth_area", "thresholds", "area_ranges"),
)
_DTYPES = {"truth_crowd": torch.bool} | dict.fromkeys(
    ("score", "box", "truth_box", "truth_area", "thresholds", "area_ranges"), torch.float64
)
_MOST_BOXES = 2**31 - 1


class DetectionMatches(NamedTuple):
    """The result of `match_detections`, for N kept detections, G truths and K rows.

    Detections are ordered by label, falling score, image, given order; truths by image, label,
    given order. Most detections overlap no truth enough to match at any threshold; the others have
    one *row* each.

    Attributes:
        detection: (N,) int64, the given index of each.
        place: (N,) int64, rank by score in its image and label, from 0.
        outside: (N, A) bool, the detection's area lies outside the range.
        truth: (G,) int64, the given index of each.
        truth_ignored: (G, A) bool, a crowd region, or its area lies outside the range.
        row: (K,) int64, rising: which detection.
        matched: (K, A, T) int32: the truth that it took, as an index into `truth`, or -1.
        ignored: (K, A, T) bool: it took an ignored truth, or none and its own area lies outside.
    """

    detection: Tensor
    place: Tensor
    outside: Tensor
    truth: Tensor
    truth_ignored: Tensor
    row: Tensor
    matched: Tensor
    ignored: Tensor


def match_detections(
    detections: Sequence[Values],
    truths: Sequence[Values],
    *,
    thresholds: Values,
    area_ranges: Values,
    max_detections: SupportsIndex = 100,
) -> DetectionMatches:
    """Match detections with true objects as COCO does, at every area range and IoU threshold.

    In each image, the best `max_detections` of a label are served by falling score, ties in the
    order given, NaN last. A detection takes, among the truths of its image and label whose IoU is
    at least the threshold and that no earlier one took, the one with the highest IoU that is not
    ignored, or else the one with the highest IoU among the ignored; of equal ones the last. Crowd
    regions are never used up, and divide the intersection by the detection's area.

    All arguments are on the CPU, as tensors or NumPy arrays. Boxes are (x, y, width, height), as in
    COCO files: from corners the last bit of a width may be lost.

    Args:
        detections: image (N,) int64, label (N,) int64, score (N,) float64, box (N, 4) float64.
            Images and labels are any numbers, in any order. A box with NaN overlaps nothing.
        truths: image (G,) int64, label (G,) int64, box (G, 4) float64, crowd (G,) bool,
            area (G,) float64.
        thresholds: (T,) float64; above 1 - 1e-10 they count as that.
        area_ranges: (A, 2) float64, lowest and highest area; both belong to the range.
        max_detections: per image and label, 1 or more.

    Raises:
        TypeError: on a wrong dtype.
        ValueError: on a wrong shape, device or number.
    """
    most = checked_int(_OP, "max_detections", max_detections, 1, MOST)
    if (len(detections), len(truths)) != (4, 5):
        raise ValueError(
            f"{_OP}: detections must be image, label, score and box, truths image, label, box, "
            f"crowd and area, got {len(detections)} and {len(truths)} arrays"
        )
    arguments = [
        torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for value in (*detections, *truths, thresholds, area_ranges)
    ]
    _check(arguments)
    return DetectionMatches(*op(_OP)(*arguments, most))


def _check(arguments: list[Tensor]) -> None:
    given = dict(zip(_NAMES, arguments, strict=True))
    for name, value in given.items():
        if name not in _DTYPES:
            check_int64(_OP, name, value)
            continue
        check_tensor(_OP, name, value)
        if value.dtype != _DTYPES[name]:
            raise TypeError(f"{_OP}: {name} must be {_DTYPES[name]}, got {value.dtype}")
    shapes = [tuple(value.shape) for value in arguments]
    if [len(shape) for shape in shapes] != [1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 2] or not (
        _one_length(arguments[:4])
        and _one_length(arguments[4:9])
        and given["box"].shape[1] == given["truth_box"].shape[1] == 4
        and given["area_ranges"].shape[1] == 2
    ):
        raise ValueError(
            f"{_OP}: image, label and score must have shape (N,), box (N, 4), truth_image, "
            "truth_label, truth_crowd and truth_area (G,), truth_box (G, 4), thresholds (T,) and "
            f"area_ranges (A, 2), got for {', '.join(_NAMES)}: " + ", ".join(map(str, shapes))
        )
    if max(given["image"].shape[0], given["truth_image"].shape[0]) >= _MOST_BOXES:
        raise ValueError(f"{_OP}: image must have fewer than 2^31 - 1 entries")
    devices = {value.device.type for value in arguments}
    if not devices <= {"cpu", "meta"} or len(devices) > 1:
        raise ValueError(
            f"{_OP}: all tensors must be on the CPU, got {', '.join(sorted(devices))}; use .cpu()"
        )


def _one_length(values: list[Tensor]) -> bool:
    return all(value.shape[0] == values[0].shape[0] for value in values)


def _check_most(max_detections: int) -> None:
    if max_detections < 1:
        raise ValueError(f"{_OP}: max_detections must be 1 or more, got {max_detections}")


def _reference(*arguments: Any) -> tuple[Tensor, ...]:
    *tensors, most = arguments
    _check(tensors)
    _check_most(most)
    return match_reference(tensors[:4], tensors[4:9], tensors[9], tensors[10], most)


def _fake(*arguments: Any) -> tuple[Tensor, ...]:
    *tensors, _ = arguments
    _check(tensors)
    kept, rows = (torch.library.get_ctx().new_dynamic_size() for _ in range(2))
    image, truths = tensors[0], tensors[4].shape[0]
    levels, areas = tensors[9].shape[0], tensors[10].shape[0]
    shapes = {
        torch.int64: ((kept,), (kept,), (truths,), (rows,)),
        torch.bool: ((kept, areas), (truths, areas), (rows, areas, levels)),
        torch.int32: ((rows, areas, levels),),
    }
    made = {
        dtype: [image.new_empty(shape, dtype=dtype) for shape in of_dtype]
        for dtype, of_dtype in shapes.items()
    }
    detection, place, truth, row = made[torch.int64]
    outside, truth_ignored, ignored = made[torch.bool]
    return detection, place, outside, truth, truth_ignored, row, made[torch.int32][0], ignored


define(
    f"{_OP}({', '.join(f'Tensor {name}' for name in _NAMES)}, SymInt max_detections) -> "
    "(Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)",
    _reference,
    _fake,
)
