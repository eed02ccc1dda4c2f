"""From matches to the ranks of true positives, and from these to precision.

`rank_hits` reads the tables of `match_detections`; `precision_at_recalls` reads its ranks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_tensor
from nntasks.ops._library import define, op

Values = Tensor | np.ndarray


class Hits(NamedTuple):
    """The result of `rank_hits`, for A area ranges, T thresholds and C classes.

    Attributes:
        places: (H,) int64, the ranks of the true positives from 1, ranking by ranking.
        bounds: (A * T * C + 1,) int64: ranking (a, t, c) is places[bounds[s]:bounds[s + 1]] with
            s = (a * T + t) * C + c.
        detections: (A, T, C) int64, the length of each ranking.
    """

    places: Tensor
    bounds: Tensor
    detections: Tensor


def rank_hits(
    starts: Values, row: Values, matched: Values, ignored: Values, outside: Values
) -> Hits:
    """Rank the true positives of every area range, threshold and class.

    A ranking holds the detections of one class by falling score, without the ignored ones. A
    detection that matched and is not ignored is a true positive.

    All arguments are on the CPU, as tensors or NumPy arrays; see `DetectionMatches`.

    Args:
        starts: (C + 1,) int64 from 0 to N: class c has detections starts[c]:starts[c + 1].
        row: (K,) int64, rising strictly, below N.
        matched: (K, A, T) int32, below 0 for none.
        ignored: (K, A, T) bool.
        outside: (N, A) bool, whether a detection without a row is ignored.

    Raises:
        TypeError: on a wrong dtype.
        ValueError: on a wrong shape or device, or indices that do not rise.
    """
    arguments = _tensors(starts, row, matched, ignored, outside)
    _check_tables(*arguments)
    if not torch.compiler.is_compiling():  # a graph cannot branch on values; the kernels check them
        _check_rising(arguments[0], arguments[1], arguments[4].shape[0])
    return Hits(*op("rank_hits")(*arguments))


def precision_at_recalls(places: Values, bounds: Values, truths: Values, recalls: Values) -> Tensor:
    """Read the best precision at each recall or above, for every ranking.

    The k-th true positive at rank p has precision k / p and recall k / truths.

    All arguments are on the CPU, as tensors or NumPy arrays.

    Args:
        places: (H,) int64, the ranks of the true positives from 1, ranking by ranking.
        bounds: (S + 1,) int64 from 0 to H, where each ranking begins.
        truths: (S,) int64, the number of true objects of each ranking.
        recalls: (R,) float64.

    Returns:
        (S, R) float64: 0 beyond the highest recall, NaN in rankings without true objects.

    Raises:
        TypeError: on a wrong dtype.
        ValueError: on a wrong shape or device, or numbers that are out of range.
    """
    arguments = _tensors(places, bounds, truths, recalls)
    _check_rankings(*arguments)
    if not torch.compiler.is_compiling():
        _check_ranks(*arguments[:3])
    return op("precision_at_recalls")(*arguments)


def _tensors(*values: Values) -> list[Tensor]:
    return [torch.from_numpy(one) if isinstance(one, np.ndarray) else one for one in values]


def _check_dtype(name: str, argument: str, value: Tensor, dtype: torch.dtype) -> None:
    check_tensor(name, argument, value)
    if value.dtype != dtype:
        raise TypeError(f"{name}: {argument} must be {dtype}, got {value.dtype}")


def _check_device(name: str, *values: Tensor) -> None:
    devices = {value.device.type for value in values}
    if not devices <= {"cpu", "meta"} or len(devices) > 1:
        raise ValueError(
            f"{name}: all tensors must be on the CPU, got {', '.join(sorted(devices))}; use .cpu()"
        )


def _check_tables(
    starts: Tensor, row: Tensor, matched: Tensor, ignored: Tensor, outside: Tensor
) -> None:
    name = "rank_hits"
    check_int64(name, "starts", starts)
    check_int64(name, "row", row)
    _check_dtype(name, "matched", matched, torch.int32)
    _check_dtype(name, "ignored", ignored, torch.bool)
    _check_dtype(name, "outside", outside, torch.bool)
    shapes = [tuple(value.shape) for value in (starts, row, matched, ignored, outside)]
    fit = (
        [len(shape) for shape in shapes] == [1, 1, 3, 3, 2]
        and starts.shape[0] >= 1
        and row.shape[0] == matched.shape[0]
        and matched.shape == ignored.shape
        and outside.shape[1] == matched.shape[1]
    )
    if not fit:
        raise ValueError(
            f"{name}: starts, row, matched, ignored and outside must have shapes (C + 1,), (K,), "
            "(K, A, T), (K, A, T) and (N, A), got " + ", ".join(map(str, shapes))
        )
    _check_device(name, starts, row, matched, ignored, outside)


def _check_rising(starts: Tensor, row: Tensor, detections: int) -> None:
    if starts[0] != 0 or starts[-1] != detections or bool((starts[1:] < starts[:-1]).any()):
        raise ValueError(f"rank_hits: starts must rise from 0 to {detections}")
    within = not row.shape[0] or (row[0] >= 0 and row[-1] < detections)
    if not within or bool((row[1:] <= row[:-1]).any()):
        raise ValueError(f"rank_hits: row must rise strictly, from 0 to at most {detections - 1}")


def _check_rankings(places: Tensor, bounds: Tensor, truths: Tensor, recalls: Tensor) -> None:
    name = "precision_at_recalls"
    for argument, value in (("places", places), ("bounds", bounds), ("truths", truths)):
        check_int64(name, argument, value)
    _check_dtype(name, "recalls", recalls, torch.float64)
    shapes = [tuple(value.shape) for value in (places, bounds, truths, recalls)]
    if [len(shape) for shape in shapes] != [1] * 4 or bounds.shape[0] != truths.shape[0] + 1:
        raise ValueError(
            f"{name}: places, bounds, truths and recalls must have shapes (H,), (S + 1,), (S,) and "
            "(R,), got " + ", ".join(map(str, shapes))
        )
    _check_device(name, places, bounds, truths, recalls)


def _check_ranks(places: Tensor, bounds: Tensor, truths: Tensor) -> None:
    name, count = "precision_at_recalls", places.shape[0]
    if bounds[0] != 0 or bounds[-1] != count or bool((bounds[1:] < bounds[:-1]).any()):
        raise ValueError(f"{name}: bounds must rise from 0 to {count}")
    if bool((places < 1).any()):
        raise ValueError(f"{name}: places must be 1 or more")
    if bool((truths < 0).any()):
        raise ValueError(f"{name}: truths must be 0 or more")


def _rank_reference(
    starts: Tensor, row: Tensor, matched: Tensor, ignored: Tensor, outside: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Count with running sums; only detections with a row differ between thresholds."""
    _check_tables(starts, row, matched, ignored, outside)
    _check_rising(starts, row, outside.shape[0])
    start, rows, taken, skipped, outer = (
        value.numpy() for value in (starts, row, matched, ignored, outside)
    )
    classes, (_, areas, levels) = len(start) - 1, taken.shape
    row_start = np.searchsorted(rows, start)
    inside = _running_sum(~outer)  # (N + 1, A)
    late = _running_sum(outer[rows][..., None].view(np.int8) - skipped.view(np.int8))
    detections = np.diff(inside[start], axis=0)[..., None] + np.diff(late[row_start], axis=0)
    hit = (taken >= 0) & ~skipped
    area, level, index = np.nonzero(hit.transpose(1, 2, 0))
    label = np.searchsorted(start, rows[index], side="right") - 1
    places = inside[rows[index] + 1, area] - inside[start[label], area]
    places += late[index + 1, area, level] - late[row_start[label], area, level]
    ranking = (area * levels + level) * classes + label
    counts = np.bincount(ranking, minlength=areas * levels * classes)
    bounds = np.concatenate([[0], np.cumsum(counts)])
    return _long(places), _long(bounds), _long(detections.transpose(1, 2, 0))


def _long(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int64))


def _running_sum(values: np.ndarray) -> np.ndarray:
    """(n, ...) -> (n + 1, ...) int64: exclusive prefix sums."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]), np.int64)
    np.cumsum(values, axis=0, dtype=np.int64, out=sums[1:])
    return sums


def _precision_reference(places: Tensor, bounds: Tensor, truths: Tensor, recalls: Tensor) -> Tensor:
    _check_rankings(places, bounds, truths, recalls)
    _check_ranks(places, bounds, truths)
    levels = recalls.detach().numpy()
    result = np.zeros((truths.shape[0], len(levels)))
    cuts = bounds.tolist()
    for ranking, count in enumerate(truths.tolist()):
        rank = places.numpy()[cuts[ranking] : cuts[ranking + 1]]
        hits = np.arange(1, len(rank) + 1)
        best = np.maximum.accumulate((hits / rank)[::-1])[::-1]
        if count:
            result[ranking] = np.append(best, 0.0)[np.searchsorted(hits / count, levels)]
        else:
            result[ranking] = np.nan
    return torch.from_numpy(result)


def _rank_fake(
    starts: Tensor, row: Tensor, matched: Tensor, ignored: Tensor, outside: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    _check_tables(starts, row, matched, ignored, outside)
    _, areas, levels = matched.shape
    classes = starts.shape[0] - 1
    places = starts.new_empty((torch.library.get_ctx().new_dynamic_size(),))
    bounds = starts.new_empty((areas * levels * classes + 1,))
    return places, bounds, starts.new_empty((areas, levels, classes))


def _precision_fake(places: Tensor, bounds: Tensor, truths: Tensor, recalls: Tensor) -> Tensor:
    _check_rankings(places, bounds, truths, recalls)
    return recalls.new_empty((truths.shape[0], recalls.shape[0]))


define(
    "rank_hits(Tensor starts, Tensor row, Tensor matched, Tensor ignored, Tensor outside) -> "
    "(Tensor, Tensor, Tensor)",
    _rank_reference,
    _rank_fake,
)
define(
    "precision_at_recalls(Tensor places, Tensor bounds, Tensor truths, Tensor recalls) -> Tensor",
    _precision_reference,
    _precision_fake,
)
