"""`match_greedily`: the greedy matching of detections with true objects on which mAP is based.

Source: the COCO detection evaluation, https://cocodataset.org/#detection-eval.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_tensor
from nntasks.ops._library import define, op

Values = Tensor | np.ndarray
_COUNTED = (
    1 << 30
)  # added to the position of a candidate that is not ignored, so that it ranks first
_NEARLY_ONE = 1 - 1e-10  # thresholds above it are lowered to it, as COCO does


def match_greedily(
    starts: Values,
    truths: Values,
    ious: Values,
    groups: Values,
    crowd: Values,
    ignored: Values,
    thresholds: Values,
) -> Tensor:
    """Match rows (detections) with truths, separately for every area range and IoU threshold.

    The rows of a group are matched one after the other. The candidates of a row are those whose IoU
    is at least the threshold and that no earlier row took. The row takes the candidate with the
    highest IoU that is not ignored, or else the ignored one with the highest IoU; of equal ones the
    last. Any number of rows can take a crowd region.

    All arguments are on the CPU, as tensors or NumPy arrays, because matching is branches and not
    arithmetic.

    Args:
        starts: (K + 1,) int64 from 0 to P; row k has the candidates starts[k]:starts[k + 1], at
            least one.
        truths: (P,) int64, the true object of each candidate. P is below 2^30.
        ious: (P,) float64, rising within a row.
        groups: (K,) int64, not falling; rows of different groups share no truth. The rows of a
            group are in the order in which they are matched.
        crowd: (G,) bool.
        ignored: (G, A) bool, for A area ranges.
        thresholds: (T,) float64.

    Returns:
        (K, A, T) int32: the truth that the row took, or -1.

    Raises:
        TypeError: on a wrong dtype.
        ValueError: on a wrong shape or device, or indices that do not fit each other.
    """
    arguments = [
        torch.from_numpy(value) if isinstance(value, np.ndarray) else value
        for value in (starts, truths, ious, groups, crowd, ignored, thresholds)
    ]
    _check(*arguments)
    if not torch.compiler.is_compiling():  # a graph cannot branch on values; the kernels check them
        _check_values(*arguments[:2], *arguments[3:5])
    return op("match_greedily")(*arguments)


def _check(
    starts: Tensor,
    truths: Tensor,
    ious: Tensor,
    groups: Tensor,
    crowd: Tensor,
    ignored: Tensor,
    thresholds: Tensor,
) -> None:
    for name, value in (("starts", starts), ("truths", truths), ("groups", groups)):
        check_int64("match_greedily", name, value)
    for name, value, dtype in (
        ("ious", ious, torch.float64),
        ("crowd", crowd, torch.bool),
        ("ignored", ignored, torch.bool),
        ("thresholds", thresholds, torch.float64),
    ):
        check_tensor("match_greedily", name, value)
        if value.dtype != dtype:
            raise TypeError(f"match_greedily: {name} must be {dtype}, got {value.dtype}")
    shapes = [tuple(t.shape) for t in (starts, truths, ious, groups, crowd, ignored, thresholds)]
    fit = (
        [len(shape) for shape in shapes] == [1, 1, 1, 1, 1, 2, 1]
        and starts.shape[0] == groups.shape[0] + 1
        and truths.shape == ious.shape
        and ignored.shape[0] == crowd.shape[0]
    )
    if not fit:
        raise ValueError(
            "match_greedily: starts, truths, ious, groups, crowd, ignored and thresholds must have "
            "shapes (K + 1,), (P,), (P,), (K,), (G,), (G, A) and (T,), got "
            + ", ".join(map(str, shapes))
        )
    devices = {t.device.type for t in (starts, truths, ious, groups, crowd, ignored, thresholds)}
    if not devices <= {"cpu", "meta"} or len(devices) > 1:
        raise ValueError(
            f"match_greedily: all tensors must be on the CPU, got {', '.join(sorted(devices))}; "
            "use .cpu()"
        )


def _check_values(starts: Tensor, truths: Tensor, groups: Tensor, crowd: Tensor) -> None:
    count = truths.shape[0]
    if count >= _COUNTED:
        raise ValueError(f"match_greedily: expected fewer than 2^30 candidates, got {count}")
    if starts[0] != 0 or starts[-1] != count or bool((starts.diff() < 1).any()):
        raise ValueError(
            f"match_greedily: starts must rise from 0 to {count}, at least one candidate a row"
        )
    if bool((groups.diff() < 0).any()):
        raise ValueError("match_greedily: groups must not fall")
    if count and not 0 <= int(truths.min()) <= int(truths.max()) < crowd.shape[0]:
        raise ValueError(f"match_greedily: truths must be from 0 to {crowd.shape[0] - 1}")
    group_of = np.repeat(groups.numpy(), starts.diff().numpy())
    first, last = (np.zeros(crowd.shape[0], np.int64) for _ in range(2))
    last[truths.numpy()] = group_of
    first[truths.numpy()[::-1]] = group_of[::-1]
    if (first != last).any():
        raise ValueError(
            "match_greedily: rows of different groups must not share truths, as number "
            f"{int(np.flatnonzero(first != last)[0])} is"
        )


def _reference(
    starts: Tensor,
    truths: Tensor,
    ious: Tensor,
    groups: Tensor,
    crowd: Tensor,
    ignored: Tensor,
    thresholds: Tensor,
) -> Tensor:
    """Match the first rows of all groups at once, then all second rows, and so on."""
    _check(starts, truths, ious, groups, crowd, ignored, thresholds)
    _check_values(starts, truths, groups, crowd)
    needed = np.minimum(thresholds.detach().numpy(), _NEARLY_ONE)
    pairs = [t.numpy() for t in (starts, truths, ious.detach(), groups, crowd, ignored)]
    return torch.from_numpy(match_pairs(*pairs, needed=needed))


def match_pairs(
    starts: np.ndarray,
    truths: np.ndarray,
    ious: np.ndarray,
    groups: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
    *,
    needed: np.ndarray,
) -> np.ndarray:
    """Return (K, A, T) int32; the arguments are right, and `needed` is (T,) lowest IoUs."""
    rows, areas, levels = len(groups), ignored.shape[1], len(needed)
    matched = np.full((rows, areas * levels), -1, np.int32)
    if not rows:
        return matched.reshape(rows, areas, levels)
    needed = np.tile(needed, areas)
    counted = np.repeat(np.where(ignored, 0, _COUNTED).astype(np.int32), levels, axis=1)
    free = np.ones((len(crowd), areas * levels), dtype=bool)
    columns = np.arange(areas * levels)
    for served in _rounds(groups):
        lengths = starts[served + 1] - starts[served]
        ends = np.cumsum(lengths)
        place = np.arange(ends[-1]) + np.repeat(starts[served] - (ends - lengths), lengths)
        truth = truths[place]
        open_ = free[truth] & (ious[place, None] >= needed)
        rank = np.where(open_, counted[truth] + place[:, None].astype(np.int32), -1)
        best = np.maximum.reduceat(rank, ends - lengths, axis=0)
        chosen = np.where(best >= 0, truths[np.maximum(best, 0) & (_COUNTED - 1)], -1)
        matched[served] = chosen
        row, column = np.nonzero((chosen >= 0) & ~crowd[chosen])
        free[chosen[row, column], columns[column]] = False
    return matched.reshape(rows, areas, levels)


def _rounds(groups: np.ndarray) -> list[np.ndarray]:
    """Return the first rows of all groups, then all second rows, and so on."""
    first = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    turn = np.arange(len(groups)) - np.repeat(first, np.diff(np.append(first, len(groups))))
    order = np.argsort(turn, kind="stable")
    return np.split(order, np.cumsum(np.bincount(turn))[:-1])


def _fake(
    starts: Tensor,
    truths: Tensor,
    ious: Tensor,
    groups: Tensor,
    crowd: Tensor,
    ignored: Tensor,
    thresholds: Tensor,
) -> Tensor:
    _check(starts, truths, ious, groups, crowd, ignored, thresholds)
    shape = (groups.shape[0], ignored.shape[1], thresholds.shape[0])
    return starts.new_empty(shape, dtype=torch.int32)


define(
    "match_greedily(Tensor starts, Tensor truths, Tensor ious, Tensor groups, Tensor crowd, "
    "Tensor ignored, Tensor thresholds) -> Tensor",
    _reference,
    _fake,
)
