"""Hostile calls of `weighted_ap`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, ODD_INTS, ODD_VALUES, both, odd_tensors
from hypothesis import given
from hypothesis import strategies as st

from nntasks.kernel_checks.inputs import weighting

SHAPES = ((), (0,), (1,), (3,), (400,), (400, 2), (2, 2, 3), (2, 3, 0))


def right_arguments(weightings):
    rankings, *rest = weighting(weightings)
    return [*rankings, *rest]


def is_weighted(result, *arguments):
    precision, found = result
    starts, right, truths = arguments[0], arguments[5], arguments[7]
    shape = (*right.shape[:2], len(starts) - 1, truths.shape[2])
    fits = precision.shape == shape and found.shape == shape
    if precision.device.type == "meta" or not precision.numel():
        return fits
    return fits and int(found.min()) >= 0


def sweep(done, generator, chosen):
    """Replace each argument by odd tensors, and single numbers of it by odd ones."""
    right = right_arguments(3)
    tensors = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    for place in range(len(right)):
        for odd in tensors + [t.to(right[place].dtype) for t in tensors if not t.is_sparse]:
            arguments = list(right)
            arguments[place] = odd
            done.call(is_weighted, "weighted_ap", *arguments)
        if right[place].dtype in (torch.bool, torch.uint8):
            continue
        values = ODD_VALUES if right[place].is_floating_point() else (0, 1, 3, *ODD_INTS)
        for value in values:
            for index in (0, 1, -1):
                arguments = list(right)
                arguments[place] = right[place].clone()
                arguments[place].view(-1)[index] = value
                done.call(is_weighted, "weighted_ap", *arguments)
    for place, wide in (
        (3, torch.zeros(400, 1, dtype=torch.bool).expand(400, 1 << 50)),
        (5, torch.zeros(2, 1, 1, dtype=torch.bool).expand(2, 1 << 50, len(right[4]))),
        (8, torch.zeros(1, 1, dtype=torch.uint8).expand(3, 1 << 50)),
    ):
        arguments = list(right)
        arguments[place] = wide
        done.call(is_weighted, "weighted_ap", *arguments)


@FUZZ
@given(st.data())
def agree(data):
    """Hold both implementations against each other: mostly right input, now and then a slip."""
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 999)))

    def whole(least, end, *shape):
        return torch.randint(least, max(end, least + 1), shape, generator=generator)

    def chance(share, *shape):
        return torch.rand(shape, generator=generator) < share

    count, images, classes = (data.draw(st.integers(least, 9)) for least in (0, 1, 0))
    areas, thresholds, weightings = (data.draw(st.integers(0, most)) for most in (3, 3, 70))
    ends = whole(0, count + 1, max(classes - 1, 0)).sort().values
    last = torch.tensor([count]) if classes else torch.empty(0, dtype=torch.int64)
    rows = chance(0.6, count).nonzero()[:, 0]
    levels = data.draw(st.sampled_from((0, 2, 11, 101)))
    arguments = [
        torch.cat([torch.tensor([0]), ends, last]),
        whole(0, images, count),
        whole(0, 3, count),
        chance(0.3, areas, count).T,  # not contiguous
        rows,
        chance(0.5, areas, thresholds, len(rows)),
        chance(0.2, areas, thresholds, len(rows)),
        whole(0, 3 * count + 1, areas, classes, weightings),
        whole(0, 4, weightings, images).to(torch.uint8),
        torch.arange(levels).double() / max(levels - 1, 1),
    ]
    if data.draw(st.integers(0, 5)) == 0:
        place = data.draw(st.sampled_from((0, 1, 2, 4, 7)))
        if arguments[place].numel():
            arguments[place].view(-1)[0] = data.draw(st.sampled_from(ODD_INTS))
    both("weighted_ap", *arguments)
