"""Hostile calls of `match_detections`, `rank_hits` and `precision_at_recalls`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, ODD_INTS, ODD_VALUES, both, odd_tensors
from hypothesis import given
from hypothesis import strategies as st

from nntasks.kernel_checks.inputs import match_tables, rankings, raw_detections

SHAPES = ((), (0,), (1,), (3,), (9,), (4, 2), (3, 4), (0, 4), (2, 3, 4))
LEVELS = (0.1, 0.5, 0.9, 1.0, 2.0, 0.0, -1.0, float("nan"))


def is_right(result, *arguments):
    """Check what must hold of any answer: sizes, and indices that can be used."""
    if len(arguments) == 12:
        return is_matching(result, *arguments)
    if len(arguments) == 5:
        places, bounds, lengths = result
        count = arguments[2].shape[1] * arguments[2].shape[2] * (arguments[0].shape[0] - 1)
        return bounds.shape == (count + 1,) and lengths.numel() == count and places.dim() == 1
    return result.shape == (arguments[2].shape[0], arguments[3].shape[0])


def is_matching(result, *arguments):
    detection, place, outside, truth, ignored_truth, row, matched, ignored = result
    areas, levels = arguments[10].shape[0], arguments[9].shape[0]
    right = place.shape == detection.shape and outside.shape == (len(detection), areas)
    right &= ignored_truth.shape == (len(truth), areas) == (arguments[4].shape[0], areas)
    right &= matched.shape == ignored.shape == (len(row), areas, levels)
    if detection.device.type == "meta" or not right:
        return right
    limits = ((detection, arguments[0].shape[0]), (truth, len(truth)), (row, len(detection)))
    right = all(0 <= int(one.min()) <= int(one.max()) < end for one, end in limits if len(one))
    return right and (not matched.numel() or -1 <= int(matched.min()) <= matched.max() < len(truth))


def sweep(done, generator, chosen):
    """Replace each argument by odd tensors, and single numbers of it by odd ones."""
    tensors = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    for name, right in (
        ("match_detections", [*raw_detections(2)]),
        ("rank_hits", [*match_tables(4)]),
        ("precision_at_recalls", [*rankings(4)]),
    ):
        places = [place for place, value in enumerate(right) if isinstance(value, torch.Tensor)]
        for place in places:
            for odd in tensors + [t.to(right[place].dtype) for t in tensors if not t.is_sparse]:
                done.call(is_right, name, *right[:place], odd, *right[place + 1 :])
            values = ODD_VALUES if right[place].is_floating_point() else (0, 1, 3, *ODD_INTS)
            fits = right[place].dtype not in (torch.bool, torch.int32)
            for value in values if fits else ():
                for index in (0, 1, -1):
                    odd = right[place].clone()
                    odd[index] = value
                    done.call(is_right, name, *right[:place], odd, *right[place + 1 :])
    for most in ODD_INTS:
        done.call(is_right, "match_detections", *raw_detections(2)[:-1], most)


@FUZZ
@given(st.data())
def agree(data):
    """Hold both implementations against each other: mostly right input, now and then a slip."""
    agree_on_matches(data)
    agree_on_ranks(data)


def agree_on_matches(data):
    right = [*raw_detections(data.draw(st.integers(0, 3)), data.draw(st.integers(0, 99)))]
    levels = data.draw(st.lists(st.sampled_from(LEVELS), max_size=4))
    right[9], right[11] = torch.tensor(levels).double(), data.draw(st.integers(0, 6))
    for place in data.draw(st.lists(st.integers(0, 10), max_size=3)):
        value, index = right[place], data.draw(st.integers(0, 40))
        if not value.numel() or value.dtype == torch.bool:
            continue
        odd = (*ODD_VALUES, 1e300, -1e300) if value.is_floating_point() else ODD_INTS
        value.view(-1)[index % value.numel()] = data.draw(st.sampled_from(odd))
    if data.draw(st.integers(0, 9)) == 0:
        right[3] = right[3][:, :3]
    both("match_detections", *right)


def agree_on_ranks(data):
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    sizes = data.draw(st.lists(st.integers(0, 4), max_size=4))
    starts = torch.tensor([0, *sizes]).cumsum(0)
    count, areas, levels = sum(sizes), data.draw(st.integers(0, 2)), data.draw(st.integers(0, 3))
    row = torch.tensor(sorted(data.draw(st.sets(st.integers(0, max(count - 1, 0)))))).long()
    matched = torch.randint(-2, 3, (len(row), areas, levels), generator=generator).int()
    ignored = torch.rand(matched.shape, generator=generator) < 0.3
    outside = torch.rand(areas, count, generator=generator).T < 0.3  # not contiguous
    if data.draw(st.integers(0, 9)) == 0:
        starts = starts + data.draw(st.integers(0, 1))
    both("rank_hits", starts, row, matched, ignored, outside)
    places = 1 + torch.randint(0, 9, (count,), generator=generator)
    if data.draw(st.integers(0, 9)) == 0:
        places = places - 1
    truths = data.draw(
        st.lists(st.integers(-1, 9) | st.just(2**62), min_size=len(sizes), max_size=len(sizes))
    )
    recalls = torch.tensor(data.draw(st.lists(st.sampled_from((*ODD_VALUES, *LEVELS)), max_size=4)))
    both("precision_at_recalls", places, starts, torch.tensor(truths).long(), recalls.double())
