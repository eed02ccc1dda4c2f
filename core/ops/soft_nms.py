"""Non-maximum suppression that lowers scores instead of dropping boxes: `soft_nms`.

Bodla, Singh, Chellappa and Davis, "Soft-NMS: Improving Object Detection With One Line of Code",
ICCV 2017 (arXiv:1704.04503).
"""

from __future__ import annotations

import math
from numbers import Real
from typing import SupportsFloat, SupportsIndex

import torch
from torch import Tensor

from nntasks.ops._arguments import (
    check_boxes,
    check_floats,
    check_one_per_box,
    checked_limit,
    checked_threshold,
)
from nntasks.ops._library import define, op
from nntasks.ops.iou import computing, pairwise_iou

METHODS = ("gaussian", "linear")  # the position is the number that the raw op takes


def soft_nms(
    boxes: Tensor,
    scores: Tensor,
    *,
    method: str = "gaussian",
    sigma: SupportsFloat = 0.5,
    iou_threshold: SupportsFloat = 0.3,
    score_threshold: SupportsFloat = 0.001,
    max_output: SupportsIndex | None = None,
) -> tuple[Tensor, Tensor]:
    """Return boxes by descending score, where each box lowers the scores of the boxes it overlaps.

    Each step takes the box with the highest score (the lowest index if scores are equal), and
    multiplies the score of every other box by a decay that depends on its IoU with the taken box.
    For "gaussian" the decay is exp(-IoU^2 / sigma). For "linear" it is 1 - IoU where IoU >
    iou_threshold, and 1 elsewhere. The loop ends when no score is above score_threshold. IoU is
    that of `nms`. Scores are kept in float32 (float64 for float64 boxes), and all implementations
    give the same bits.

    Args:
        boxes: (N, 4) x1, y1, x2, y2; float16, bfloat16, float32 or float64.
        scores: (N,) of any of these dtypes, on the same device, 0 or more; a NaN is never taken.
        method: "gaussian" or "linear".
        sigma: of the Gaussian, above 0 and finite.
        iou_threshold: of the linear decay, in [0, 1].
        score_threshold: boxes are taken only with a score above it, 0 or more.
        max_output: the largest number of boxes to take; None for all.

    Returns:
        (K,) int64 indices in the order taken, and (K,) their lowered scores, float64 for float64
        boxes and float32 otherwise. No gradient passes through either.

    Raises:
        TypeError: if boxes or scores are not floating-point tensors, or a number has the wrong
            type.
        ValueError: on a wrong shape, two devices, a number out of range or an unknown method.
    """
    _check_candidates(boxes, scores)
    if method not in METHODS:
        raise ValueError(f"soft_nms: method must be one of {', '.join(METHODS)}, got {method!r}")
    return op("soft_nms")(
        boxes,
        scores,
        METHODS.index(method),
        _number("sigma", sigma),
        checked_threshold("soft_nms", iou_threshold),
        _number("score_threshold", score_threshold),
        checked_limit("soft_nms", max_output),
    )


def _number(name: str, value: SupportsFloat) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"soft_nms: {name} must be a number, got {type(value).__name__}")
    _check_number(name, float(value))
    return float(value)


def _check_number(name: str, value: float) -> None:
    if name == "sigma" and not 0 < value < math.inf:
        raise ValueError(f"soft_nms: sigma must be above 0 and finite, got {value}")
    if name == "score_threshold" and not 0 <= value < math.inf:
        raise ValueError(f"soft_nms: score_threshold must be 0 or more and finite, got {value}")


def _check_candidates(boxes: Tensor, scores: Tensor) -> None:
    check_boxes("soft_nms", "boxes", boxes)
    check_floats("soft_nms", "scores", scores)
    check_one_per_box("soft_nms", "scores", scores, boxes)


def _check_raw(
    boxes: Tensor, scores: Tensor, method: int, sigma: float, iou: float, least: float
) -> None:
    _check_candidates(boxes, scores)
    if not 0 <= method < len(METHODS):
        raise ValueError(f"soft_nms: method must be 0 or 1, got {method}")
    _check_number("sigma", sigma)
    checked_threshold("soft_nms", iou)
    _check_number("score_threshold", least)


def exponential(x: Tensor) -> Tensor:
    """Return exp(x) for float64 x <= 0, from additions and multiplications alone.

    Libraries round exponentials differently; this one gives the same bits in Python, C++ and CUDA.
    The fraction of x / ln 2 goes through a Taylor polynomial of degree 13, whose error is below
    2^-53; results below 2^-1000 are 0.
    """
    whole = torch.floor(x * _PER_LN2 + 0.5)
    rest = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    value = torch.full_like(x, _TAYLOR[0])
    for coefficient in _TAYLOR[1:]:
        value = value * rest + coefficient
    power = ((whole.clamp(min=-1022).long() + 1023) << 52).view(torch.float64)  # 2^whole
    return torch.where(whole < -1000, 0.0, value * power)


_PER_LN2 = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10  # ln 2, split
_TAYLOR = [1 / math.factorial(n) for n in range(13, -1, -1)]


def decay(iou: Tensor, method: int, sigma: float, threshold: float) -> Tensor:
    """Return the factor by which an IoU lowers a score, in the dtype of the IoU."""
    if METHODS[method] == "linear":
        limit = torch.full_like(iou, threshold)
        return torch.where(iou > limit, 1 - iou, 1.0)
    square = iou.double() * iou.double()
    value = exponential(-square / torch.full_like(square, sigma)).to(iou.dtype)
    return torch.where(iou > 0, value, 1.0)  # a NaN lowers nothing


def _reference(
    boxes: Tensor,
    scores: Tensor,
    method: int,
    sigma: float,
    iou_threshold: float,
    score_threshold: float,
    max_output: int | None = None,
) -> tuple[Tensor, Tensor]:
    _check_raw(boxes, scores, method, sigma, iou_threshold, score_threshold)
    checked_limit("soft_nms", max_output)
    places = computing(boxes)
    left = scores.to(places.dtype, copy=True)
    least = torch.tensor(score_threshold, dtype=torch.float64).to(left)  # may round to infinity
    left[~(left > least)] = -1.0  # NaN too
    indices: list[int] = []
    values: list[Tensor] = []
    limit = len(left) if max_output is None else min(max_output, len(left))
    while len(indices) < limit:
        best = int(left.argmax())  # the first of equal ones
        if left[best] < 0:
            break
        indices.append(best)
        values.append(left[best].clone())
        left[best] = -1.0
        iou = pairwise_iou(places[best : best + 1], places)[0][0]
        lowered = left * decay(iou, method, sigma, iou_threshold)
        left = torch.where(lowered > least, lowered, -1.0)
    kept = torch.tensor(indices, dtype=torch.int64, device=boxes.device)
    return kept, torch.stack(values) if values else left.new_empty((0,))


def _fake(
    boxes: Tensor,
    scores: Tensor,
    method: int,
    sigma: float,
    iou_threshold: float,
    score_threshold: float,
    max_output: int | None = None,
) -> tuple[Tensor, Tensor]:
    _check_raw(boxes, scores, method, sigma, iou_threshold, score_threshold)
    count = torch.library.get_ctx().new_dynamic_size()
    dtype = torch.float64 if boxes.dtype == torch.float64 else torch.float32
    return boxes.new_empty((count,), dtype=torch.int64), boxes.new_empty((count,), dtype=dtype)


define(
    "soft_nms(Tensor boxes, Tensor scores, int method, float sigma, float iou_threshold, "
    "float score_threshold, SymInt? max_output=None) -> (Tensor, Tensor)",
    _reference,
    _fake,
)
