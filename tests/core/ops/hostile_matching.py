"""Hostile calls of `match_greedily`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, ODD_INTS, ODD_VALUES, both, odd_tensors
from hypothesis import given
from hypothesis import strategies as st

from nntasks.kernel_checks.inputs import matching

SHAPES = ((), (0,), (1,), (2,), (9,), (2, 4), (0, 4))


def is_matching(result, *arguments):
    _starts, _truths, _ious, groups, crowd, ignored, thresholds = arguments
    right = result.shape == (len(groups), ignored.shape[1], len(thresholds))
    if result.device.type == "meta" or not result.numel():
        return right
    return right and -1 <= int(result.min()) <= int(result.max()) < len(crowd)


def sweep(done, generator, chosen):
    """Replace each argument by odd tensors, and single numbers of it by odd ones."""
    right = list(matching(2))
    tensors = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    for place in range(len(right)):
        for odd in tensors + [t.to(right[place].dtype) for t in tensors if not t.is_sparse]:
            arguments = list(right)
            arguments[place] = odd
            done.call(is_matching, "match_greedily", *arguments)
        values = ODD_VALUES if right[place].is_floating_point() else (0, 1, 3, *ODD_INTS)
        for value in values if right[place].dtype != torch.bool else ():
            for index in (0, 1, -1):
                arguments = list(right)
                arguments[place] = right[place].clone()
                arguments[place][index] = value
                done.call(is_matching, "match_greedily", *arguments)
    wide = torch.zeros(1, 1, dtype=torch.bool).expand(4, 1 << 50)
    done.call(is_matching, "match_greedily", *right[:5], wide, right[6])


@FUZZ
@given(st.data())
def agree(data):
    """Hold both implementations against each other: mostly right input, now and then a slip."""
    numbers = data.draw(st.lists(st.integers(1, 4), max_size=12))  # candidates of each row
    rows, truth_count = len(numbers), data.draw(st.integers(1, 5))
    starts = torch.tensor([0, *numbers]).cumsum(0)
    groups = torch.tensor(data.draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows)))
    groups = groups.long().sort().values if data.draw(st.integers(0, 9)) else groups.long()
    total = sum(numbers)
    draws = st.lists(st.integers(0, truth_count - 1), min_size=total, max_size=total)
    truths = torch.tensor(data.draw(draws)).long()
    apart = data.draw(st.integers(0, 5))  # else groups share truths, which is refused
    if apart:
        truths = truths * 2 + groups.repeat_interleave(torch.tensor(numbers).long())
    if data.draw(st.integers(0, 9)) == 0 and total:
        truths[data.draw(st.integers(0, total - 1))] = data.draw(st.sampled_from(ODD_INTS))
    levels = st.sampled_from((0.1, 0.5, 0.5, 0.9, 1.0, float("nan")))
    ious = torch.tensor(data.draw(st.lists(levels, min_size=total, max_size=total))).double()
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    crowd = torch.rand(2 * truth_count, generator=generator) < 0.2
    areas = data.draw(st.integers(0, 3))
    ignored = torch.rand(areas, 2 * truth_count, generator=generator).T < 0.3  # not contiguous
    thresholds = torch.tensor(data.draw(st.lists(levels, max_size=4))).double()
    both("match_greedily", starts, truths, ious, groups, crowd, ignored, thresholds)
