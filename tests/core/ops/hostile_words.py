"""Hostile calls of `skipgram`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, ODD_INTS, ODD_VALUES, both, odd_tensors
from hypothesis import given
from hypothesis import strategies as st

SHAPES = ((), (0,), (1,), (9,), (9, 2), (9, 16), (0, 16), (3, 9, 2))
FLOATS = (*ODD_VALUES, -1.0)


def right(generator, words=9, tokens=40):
    """Return right arguments."""
    vectors = [torch.rand(words, 16, generator=generator) - 0.5 for _ in range(2)]
    drawn = torch.randint(0, words, (tokens,), generator=generator).int()
    sentences = torch.tensor([0, tokens // 3, tokens])
    keep = torch.full((words,), 2**31)
    table = torch.ops.nntasks.alias_build.python(torch.ones(words).double())
    return [*vectors, drawn, sentences, keep, table, 3, 2, 1, 0, 0.1, 0.05, 0, 4, 0.0, 0.0, 1]


def are_counts(result, inputs, *_):
    if result.device.type == "meta":
        return result.shape == (5,)
    return result.shape == (5,) and bool((result[1:] >= 0).all())


def sweep(done, generator, chosen):
    """Replace each argument by odd ones."""
    start = right(generator)
    tensors = [t for shape in SHAPES for t in odd_tensors(shape, generator)]
    for place in range(6):
        values = tensors + [t.to(start[place].dtype) for t in tensors if not t.is_sparse]
        for value in values:
            arguments = right(generator)
            arguments[place] = value
            done.call(are_counts, "skipgram", *arguments)
    for place in range(2, 6):
        for value in (0, 1, 8, 9, *ODD_INTS):
            for index in (0, 1, -1):
                arguments = right(generator)
                limits = torch.iinfo(arguments[place].dtype)
                arguments[place][index] = min(max(value, limits.min), limits.max)
                done.call(are_counts, "skipgram", *arguments)
    for place in range(6, 17):
        numbers = FLOATS if place in (10, 11, 14, 15) else (0, 1, 2, 3, 100, 101, *ODD_INTS)
        for value in numbers:
            for kind in (0, 1, 2):
                arguments = right(generator)
                arguments[12], arguments[place] = kind, value
                done.call(are_counts, "skipgram", *arguments)
    expanded = torch.zeros(1, 16).expand(9, 16)
    done.call(are_counts, "skipgram", expanded, *right(generator)[1:])
    endless = torch.zeros(1).int().expand(1 << 40)
    done.call(are_counts, "skipgram", *right(generator)[:2], endless, *right(generator)[3:])


@FUZZ
@given(st.data())
def agree(data):
    """Hold both implementations against each other."""
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    words = data.draw(st.integers(1, 30))
    arguments = right(generator, words, data.draw(st.integers(0, 60)))
    size = len(arguments[2])
    arguments[2] = torch.cat([arguments[2], arguments[2]])[::2] if size else arguments[2]
    cuts = data.draw(st.lists(st.integers(0, size), max_size=5))
    arguments[3] = torch.tensor([0, *sorted(cuts), size])
    arguments[4] = torch.randint(0, 2**32 + 1, (words,), generator=generator)
    arguments[6], arguments[7] = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 20))
    arguments[8] = data.draw(st.integers(-(2**63), 2**63 - 1))
    arguments[9] = data.draw(st.integers(0, 2**48))
    arguments[12], arguments[13] = data.draw(st.integers(0, 2)), data.draw(st.integers(1, 70))
    arguments[15] = data.draw(st.sampled_from((0.0, 0.5)))
    arguments[16] = data.draw(st.integers(1, 9))
    packet = torch.ops.nntasks.skipgram
    twice = [[a.clone() if isinstance(a, torch.Tensor) else a for a in arguments] for _ in "ab"]
    ours, reference = packet.default(*twice[0]), packet.python(*twice[1])
    assert torch.allclose(ours[:4], reference[:4], rtol=1e-6)
    for place in (0, 1):
        assert torch.allclose(twice[0][place], twice[1][place], rtol=0, atol=1e-5)
    arguments[data.draw(st.sampled_from((2, 3, 4, 5)))] = data.draw(
        st.sampled_from((torch.empty(0).long(), torch.zeros(words, 2).long(), torch.zeros(3)))
    )
    if arguments[5].shape != (words, 2) or arguments[4].shape != (words,):
        both("skipgram", *arguments)
