"""A proof on this machine that the native kernels and the Python references agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from core import ops

BOXES = 2000
SEED = 7


@dataclass(frozen=True)
class Proof:
    """One op, computed both ways on the same random input.

    Attributes:
        op: its name.
        equal: whether indices are identical and values within 1e-6.
        difference: the largest difference.
    """

    op: str
    equal: bool
    difference: float


def prove() -> list[Proof]:
    """Run every op natively and by its reference; empty where there is no compiled library."""
    if not ops.native_available():
        return []
    return [_compare(name, call) for name, call in _cases()]


def _cases() -> Iterator[tuple[str, Callable[[], Tensor]]]:
    generator = torch.Generator().manual_seed(SEED)
    corners = torch.rand(BOXES, 2, generator=generator) * 500
    boxes = torch.cat([corners, corners + torch.rand(BOXES, 2, generator=generator) * 80], dim=1)
    scores = torch.rand(BOXES, generator=generator)
    groups = torch.randint(0, 10, (BOXES,), generator=generator)
    yield "nms", lambda: ops.nms(boxes, scores, 0.5)
    yield "batched_nms", lambda: ops.batched_nms(boxes, scores, groups, 0.5)
    for kind in ("iou", "giou", "diou", "ciou"):
        yield f"box_iou {kind}", partial(ops.box_iou, boxes[:300], boxes[300:], kind=kind)


def _compare(name: str, call: Callable[[], Tensor]) -> Proof:
    with ops.use("native"):
        native: Any = call()
    with ops.use("python"):
        reference: Any = call()
    if native.shape != reference.shape:
        return Proof(name, False, float("inf"))
    difference = float((native - reference).abs().max()) if native.numel() else 0.0
    return Proof(name, difference <= (1e-6 if native.is_floating_point() else 0), difference)
