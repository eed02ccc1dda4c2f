"""Hostile calls of `philox`, `alias_build` and `alias_draw`."""

from __future__ import annotations

import torch
from hostile_input import FUZZ, INF, NAN, ODD_INTS, both, odd_tensors, strided
from hypothesis import given
from hypothesis import strategies as st

SHAPES = ((), (0,), (1,), (5,), (5, 2), (0, 2), (2, 5), (1, 5, 2))
NUMBERS = (0, 1, 2, 7, *ODD_INTS)


def are_words(result, counters, *_):
    return counters.dim() == 1 and result.shape == (len(counters), 4)


def is_table(table, weights):
    return weights.dim() == 1 and table.shape == (len(weights), 2)


def are_draws(result, table, count, *_):
    return result.shape == (count,) and result.dtype == torch.int64


def odd_tables(generator):
    """Return right tables, and int64 tensors that never were tables."""
    extremes = [[2**63 - 1, -(2**63)], [-1, 2**40], [0, 0], [2**62, 5]]
    tables = [torch.tensor(extremes), torch.tensor(extremes[:1]), torch.tensor(extremes).T]
    tables += [torch.ops.nntasks.alias_build.python(torch.rand(5, dtype=torch.float64))]
    tables += [tables[-1][:, :1].expand(5, 2), torch.empty((1 << 40, 2), device="meta").long()]
    return tables + [t for shape in SHAPES for t in odd_tensors(shape, generator)]


def sweep(done, generator, chosen):
    """Combine odd tensors and odd numbers."""
    for counters in (t for shape in SHAPES for t in odd_tensors(shape, generator)):
        done.call(is_table, "alias_build", counters)
        done.call(is_table, "alias_build", counters.double() if counters.dim() else counters)
        for _ in range(3):
            two = chosen.choice(NUMBERS), chosen.choice(NUMBERS)
            done.call(are_words, "philox", counters, *two)
            done.call(are_words, "philox", counters.long(), *two)
    for table in odd_tables(generator) * 3:
        for count in (0, 3, 1000, chosen.choice(NUMBERS)):
            two = chosen.choice(NUMBERS), chosen.choice((0, 3, *NUMBERS))
            done.call(are_draws, "alias_draw", table, count, *two)
            done.call(are_draws, "alias_draw", table, count, 1, 2)
    for value in (NAN, INF, -INF, -1.0, 0.0, 5e-324, 1e308):
        for size in (1, 2, 9):
            done.call(is_table, "alias_build", torch.full((size,), value, dtype=torch.float64))


WEIGHTS = strided(st.sampled_from((1, 2, 3, 50, 700)), dtypes=(torch.float64,))
WORDS = st.integers(-(2**63), 2**63 - 1)


@FUZZ
@given(WEIGHTS, WORDS, WORDS, st.integers(0, 2**62), st.integers(0, 300))
def agree(weights, seed, stream, offset, count):
    """Hold both implementations against each other."""
    both("alias_build", weights)
    both("philox", weights.nan_to_num().long(), seed, stream)
    usable = weights.nan_to_num(1.0, 1.0, 1.0).abs().clamp(1e-30, 1e30)
    table = torch.ops.nntasks.alias_build(usable)
    assert 0 <= int(table[:, 1].min()) <= int(table[:, 1].max()) < len(usable)
    both("alias_draw", table, count, seed, offset)
    both("alias_draw", table.roll(1).T.contiguous().T, count, seed, offset)
