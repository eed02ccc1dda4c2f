"""Hostile calls of `nms`, `batched_nms`, `soft_nms` and `box_iou`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, INF, NAN, both, odd_tensors, strided
from hypothesis import given
from hypothesis import strategies as st

SHAPES = (
    (),
    (0,),
    (4,),
    (0, 4),
    (1, 4),
    (3, 4),
    (3, 3),
    (3, 5),
    (0, 0),
    (4, 3),
    (2, 3, 4),
    (1, 0, 4),
)


def are_boxes(boxes):
    return boxes.dim() == 2 and boxes.shape[1] == 4 and boxes.is_floating_point()


def fits(kept, boxes, scores, *_):
    """Say whether indices that were kept are some of the boxes', each once."""
    right = are_boxes(boxes) and kept.device == boxes.device == scores.device
    if not (right and kept.device.type == "cpu" and kept.numel()):
        return right
    within = 0 <= int(kept.min()) <= int(kept.max()) < len(boxes)
    return within and scores.shape == (len(boxes),) and len(kept.unique()) == len(kept)


def fits_softly(result, boxes, scores, *rest):
    kept, lowered = result
    return fits(kept, boxes, scores) and kept.shape == lowered.shape


def is_matrix(result, a, b, _):
    return are_boxes(a) and are_boxes(b) and result.shape == (len(a), len(b))


def sweep(done, generator, chosen):
    """Combine odd tensors and odd numbers."""
    boxes = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    right = odd_tensors((3, 4), generator) + odd_tensors((0, 4), generator)
    scores = [t for shape in ((0,), (3,), (4,), (3, 1), ()) for t in odd_tensors(shape, generator)]
    groups = [torch.tensor(x) for x in ([0, 1, 0], [2**63 - 1, -(2**63), 0], [0], [], [0.5, 1, 2])]
    kinds = (0, 1, 2, 3, 3, -1, 4, 2**31, -(2**63))
    for b in boxes + right * 5:
        for s in chosen.sample(scores, 12):
            done.call(fits, "nms", b, s, 0.5)
            done.call(fits, "batched_nms", b, s, chosen.choice(groups), 0.5)
            done.call(fits_softly, "soft_nms", b, s, chosen.choice((0, 1)), 0.5, 0.5, 0.0)
        for other in chosen.sample(boxes, 4) + chosen.sample(right, 4):
            done.call(is_matrix, "box_iou", b, other, chosen.choice(kinds))
    three, marks = torch.rand(3, 4), torch.rand(3)
    for number in (0.0, 0.5, 1.0, -1.0, 2.0, NAN, INF, -INF, 1e-300):
        for limit in (None, 0, 1, -1, 2**62, -(2**63)):
            done.call(fits, "nms", three, marks, number, limit)
            done.call(fits, "batched_nms", three, marks, groups[0], number, limit)
            for method in (0, 1, 2, -1, 2**31):
                numbers = [0.5, 0.5, 0.001]
                numbers[chosen.randrange(3)] = number
                done.call(fits_softly, "soft_nms", three, marks, method, *numbers, limit)


ROWS = st.sampled_from((0, 1, 2, 3, 3, 3, 40, 700))
BOXES = strided(ROWS, st.sampled_from((4, 4, 4, 4, 4, 3, 5)))


@FUZZ
@given(BOXES, BOXES, strided(ROWS), st.sampled_from((0.0, 0.3, 0.5, 1.0, NAN)))
def agree(a, b, scores, threshold):
    """Hold both implementations against each other on memory laid out at will."""
    groups = torch.arange(len(scores)) % 3
    if scores.shape[0] != a.shape[0] and len(scores) >= 3:
        a = a[torch.arange(len(scores)) % len(a)] if len(a) else a
    both("nms", a, scores, threshold)
    both("batched_nms", a, scores, groups, threshold)
    for method in (0, 1):
        both("soft_nms", a, scores, method, 0.5, threshold, 0.01, 20)
    for kind in range(4):  # the arctangent of CIoU is another program's
        both("box_iou", a[:50], b[:50], kind, close=1e-6 if kind == 3 else 0.0)
