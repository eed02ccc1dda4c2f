"""Verify on this machine that the native kernels agree with the Python references."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from nntasks import ops
from nntasks.kernel_checks.inputs import (
    clustered_boxes,
    detections,
    match_tables,
    matching,
    random_boxes,
    random_groups,
    random_scores,
    rankings,
    weighting,
    word_parts,
    word_weights,
)

BOXES = 2000
_WORDS = 100


@dataclass(frozen=True)
class Agreement:
    """How far the native kernel of one op agrees with its reference, on the same random input.

    Attributes:
        op: its name.
        equal: whether indices are identical and values differ by at most 1e-6.
        difference: the largest difference.
    """

    op: str
    equal: bool
    difference: float


def check_agreement() -> list[Agreement]:
    """Compare every native kernel with its reference; empty without a compiled library."""
    if not ops.native_available():
        return []
    return [_compare(name, call) for name, call in _cases()]


def _cases() -> Iterator[tuple[str, Callable[[], Tensor | tuple[Tensor, ...]]]]:
    boxes, scores = random_boxes(BOXES), random_scores(BOXES)
    yield "nms", partial(ops.nms, boxes, scores, 0.5)
    yield "batched_nms", partial(ops.batched_nms, boxes, scores, random_groups(BOXES, 10), 0.5)
    for method in ("gaussian", "linear"):
        few = clustered_boxes(300), random_scores(300)
        yield f"soft_nms {method}", partial(ops.soft_nms, *few, method=method)
    for kind in ("iou", "giou", "diou", "ciou"):
        yield f"box_iou {kind}", partial(ops.box_iou, boxes[:300], boxes[300:], kind=kind)
    pictures = torch.rand(2, 3, 17, 19, generator=torch.Generator().manual_seed(7))
    columns = ops.im2col(pictures, 3, 2, 1)
    yield "im2col", partial(ops.im2col, pictures, 3, 2, 1)
    yield "col2im", partial(ops.col2im, columns, (17, 19), 3, 2, 1)
    yield "philox", partial(ops.philox, torch.arange(BOXES), 7)
    yield "alias_build", lambda: ops.AliasTable(word_weights(BOXES)).table
    yield "alias_draw", partial(ops.AliasTable(word_weights(BOXES)).draw, BOXES, 7)
    yield "match_greedily", partial(ops.match_greedily, *matching(BOXES))
    yield "match_detections", partial(ops.match_detections, **detections(100))
    yield "rank_hits", partial(ops.rank_hits, *match_tables(100))
    yield "precision_at_recalls", partial(ops.precision_at_recalls, *rankings(100))
    yield "weighted_ap", lambda: _defined(*ops.weighted_ap(*weighting(BOXES)))
    for kind in ("skipgram", "cbow"):
        yield kind, partial(_trained, kind)
        yield f"{kind} with parts", partial(_trained, kind, parts=word_parts(_WORDS))


def _trained(kind: str, **settings: Any) -> tuple[Tensor, Tensor]:
    """Return the vectors after a pass over a short text, in blocks, where the order is defined."""
    generator = torch.Generator().manual_seed(8)
    inputs, outputs = torch.rand(2, _WORDS, 16, generator=generator) - 0.5
    tokens = torch.randint(_WORDS, (300,), generator=generator, dtype=torch.int32)
    noise = ops.AliasTable(word_weights(_WORDS))
    ends = torch.tensor([0, 150, 300])
    ops.skipgram(inputs, outputs, tokens, ends, noise=noise, kind=kind, block=16, **settings)
    return inputs, outputs


def _defined(precision: Tensor, found: Tensor) -> tuple[Tensor, Tensor]:
    """Put -1 where there are no objects, as NaN equals nothing."""
    return precision.nan_to_num(-1.0), found


def _compare(name: str, call: Callable[[], Tensor | tuple[Tensor, ...]]) -> Agreement:
    both: list[tuple[Tensor, ...]] = []
    for mode in ("native", "python"):
        with ops.use(mode):
            result = call()
        both.append(result if isinstance(result, tuple) else (result,))
    differences = [_difference(a, b) for a, b in zip(*both, strict=True)]
    equal = all(
        difference <= (1e-6 if value.is_floating_point() else 0)
        for difference, value in zip(differences, both[0], strict=True)
    )
    return Agreement(name, equal, max(differences))


def _difference(a: Tensor, b: Tensor) -> float:
    if a.shape != b.shape:
        return float("inf")
    return float((a.double() - b.double()).abs().max()) if a.numel() else 0.0
