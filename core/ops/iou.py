"""Pairwise IoU of boxes: `box_iou` and its reference.

The kinds: Jaccard index; GIoU, Rezatofighi et al. 2019 (arXiv:1902.09630); DIoU and CIoU, Zheng et
al. 2020 (arXiv:1911.08287).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from nntasks.ops._arguments import check_boxes, check_same_device
from nntasks.ops._library import define, op

KINDS = ("iou", "giou", "diou", "ciou")  # the position is the number that the raw op takes


def box_iou(a: Tensor, b: Tensor, kind: str = "iou") -> Tensor:
    """Return the overlap of every box in `a` with every box in `b`.

    Extents below zero count as zero, and IoU is 0 where the union is empty; so is the penalty of
    GIoU, DIoU and CIoU where the enclosing box is empty. A box with a NaN coordinate gives NaN, one
    of infinite area 0 or NaN. float16 and bfloat16 are computed in float32.

    Args:
        a: (N, 4) boxes x1, y1, x2, y2; float16, bfloat16, float32 or float64.
        b: (M, 4) boxes of the same dtype, on the same device.
        kind: "iou" in [0, 1]; "giou", "diou" in [-1, 1]; "ciou" in [-2, 1].

    Returns:
        (N, M), float64 for float64 boxes and float32 otherwise. Differentiable in both arguments,
        any number of times; CIoU through its weight alpha too, as the gradient of the value given.

    Raises:
        TypeError: if a or b is no floating-point tensor, or their dtypes differ.
        ValueError: on a wrong shape, two devices or an unknown kind.
    """
    _check_pair(a, b)
    if kind not in KINDS:
        raise ValueError(f"box_iou: kind must be one of {', '.join(KINDS)}, got {kind!r}")
    return op("box_iou")(a, b, KINDS.index(kind))


def _check_pair(a: Tensor, b: Tensor) -> None:
    check_boxes("box_iou", "a", a)
    check_boxes("box_iou", "b", b)
    check_same_device("box_iou", "a", a, "b", b)
    if a.dtype != b.dtype:
        raise TypeError(f"box_iou: a and b must have one dtype, got {a.dtype} and {b.dtype}")


def _check_raw(a: Tensor, b: Tensor, kind: int) -> None:
    """Check the arguments of raw calls, which bypass the wrapper."""
    _check_pair(a, b)
    if not 0 <= kind < len(KINDS):
        raise ValueError(f"box_iou: kind must be from 0 to {len(KINDS) - 1}, got {kind}")


def computing(boxes: Tensor) -> Tensor:
    """Return the boxes in the precision of all computations."""
    return boxes if boxes.dtype == torch.float64 else boxes.float()


def areas(boxes: Tensor) -> Tensor:
    """Return (N,) areas; extents below zero count as zero."""
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0)
    return extent[:, 0] * extent[:, 1]


def pairwise_iou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and union, each (N, M); the compiled kernels do the same operations in order."""
    x1, y1 = (torch.maximum(a[:, None, i], b[None, :, i]) for i in (0, 1))
    x2, y2 = (torch.minimum(a[:, None, i], b[None, :, i]) for i in (2, 3))
    intersection = (x2 - x1).clamp(min=0) * (y2 - y1).clamp(min=0)
    union = areas(a)[:, None] + areas(b)[None, :] - intersection
    return intersection / _nonzero(union), union


def _nonzero(denominator: Tensor) -> Tensor:
    """Return the denominator with 1 for 0: its numerator is 0 there, and gradients stay finite."""
    return torch.where(denominator == 0, 1.0, denominator)


def _reference(a: Tensor, b: Tensor, kind: int) -> Tensor:
    _check_raw(a, b, kind)
    a, b = computing(a), computing(b)
    iou, union = pairwise_iou(a, b)
    if KINDS[kind] == "iou":
        return iou
    enclosing = torch.maximum(a[:, None, 2:], b[None, :, 2:]) - torch.minimum(
        a[:, None, :2], b[None, :, :2]
    )
    enclosing = enclosing.clamp(min=0)  # (N, M, 2)
    if KINDS[kind] == "giou":
        hull = enclosing[..., 0] * enclosing[..., 1]
        return iou - torch.where(hull == 0, 0.0, hull - union) / _nonzero(hull)
    return iou - _distance(a, b, enclosing) - (_aspect(a, b, iou) if KINDS[kind] == "ciou" else 0)


def _distance(a: Tensor, b: Tensor, enclosing: Tensor) -> Tensor:
    """Return squared centre distance over squared diagonal of the enclosing box."""
    twice = (a[:, None, :2] + a[:, None, 2:]) - (b[None, :, :2] + b[None, :, 2:])
    between = (twice[..., 0] * twice[..., 0] + twice[..., 1] * twice[..., 1]) * 0.25
    diagonal = enclosing[..., 0] * enclosing[..., 0] + enclosing[..., 1] * enclosing[..., 1]
    return torch.where(diagonal == 0, 0.0, between) / _nonzero(diagonal)


def _aspect(a: Tensor, b: Tensor, iou: Tensor) -> Tensor:
    """Return CIoU's alpha * v, which compares the angles of the diagonals."""
    difference = _angle(a)[:, None] - _angle(b)[None, :]
    v = difference * difference * (4 / math.pi**2)
    return v * v / _nonzero(1 - iou + v)


def _angle(boxes: Tensor) -> Tensor:
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0)
    empty = (extent == 0).all(1)  # atan2(0, 0) is 0, but its gradient is NaN
    return torch.where(empty, 0.0, torch.atan2(extent[:, 0], torch.where(empty, 1.0, extent[:, 1])))


def _fake(a: Tensor, b: Tensor, kind: int) -> Tensor:
    _check_raw(a, b, kind)
    dtype = torch.float64 if a.dtype == torch.float64 else torch.float32
    return a.new_empty((a.shape[0], b.shape[0]), dtype=dtype)


def _setup_context(ctx: Any, inputs: tuple[Tensor, Tensor, int], output: Tensor) -> None:
    a, b, ctx.kind = inputs
    ctx.save_for_backward(a, b)


def _backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
    """Differentiate the reference on the boxes' device, for every implementation."""
    again = torch.is_grad_enabled()  # for a second derivative
    with torch.enable_grad():
        a, b = (saved.view_as(saved) for saved in ctx.saved_tensors)
        if not again:
            a, b = a.detach(), b.detach()
        a, b = a.requires_grad_(), b.requires_grad_()
        value = _reference(a, b, ctx.kind)
        of_a, of_b = torch.autograd.grad(value, (a, b), gradient, create_graph=again)
    return of_a, of_b, None


def _vmap(
    name: str, info: Any, in_dims: tuple[Any, ...], a: Tensor, b: Tensor, kind: int
) -> tuple[Tensor, int]:
    """Flatten boxes mapped on one side into more boxes; process pairs mapped on both in turn."""
    first, second, _ = in_dims
    if second is None:
        a = a.movedim(first, 0)
        return op(name)(a.flatten(0, 1), b, kind).unflatten(0, a.shape[:2]), 0
    if first is None:
        b = b.movedim(second, 0)
        return op(name)(a, b.flatten(0, 1), kind).unflatten(1, b.shape[:2]), 1
    pairs = zip(a.movedim(first, 0), b.movedim(second, 0), strict=True)
    return torch.stack([op(name)(one, other, kind) for one, other in pairs]), 0


define(
    "box_iou(Tensor a, Tensor b, int kind) -> Tensor",
    _reference,
    _fake,
    setup_context=_setup_context,
    backward=_backward,
    vmap=_vmap,
)
