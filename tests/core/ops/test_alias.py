"""`AliasTable`: what its tables hold, what it draws, and that it is the same everywhere."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from nntasks import ops
from nntasks.ops import AliasTable, philox

PAST_FLOAT = 2**24 + 1  # torch.multinomial ends at 2^24 categories
SIZES = (1, 2, 3, 7, 10, 1000, 4097)


def weights_of(kind, count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    random = torch.rand(count, generator=generator, dtype=torch.float64)
    return {
        "even": torch.ones(count),
        "random": random,
        "zipf": torch.arange(1, count + 1).double() ** -1.0,
        "steep": torch.exp(40 * torch.randn(count, generator=generator, dtype=torch.float64)),
        "holes": torch.where(random < 0.9, 0.0, random).index_fill(0, torch.tensor([0]), 1.0),
        "one": torch.zeros(count).index_fill(0, torch.tensor([count // 2]), 3.0),
        "tiny": random * 1e-300,
        "huge": random * 1e305,
    }[kind]


KINDS = ("even", "random", "zipf", "steep", "holes", "one", "tiny", "huge")


def held(table):
    """Return the probabilities in a table, exactly."""
    size = len(table)
    units = 2 ** (62 - (size - 1).bit_length())
    counts = [0] * size
    for index, (own, other) in enumerate(table.tolist()):
        assert 0 <= own <= units
        counts[index] += own
        counts[other] += units - own
    assert sum(counts) == size * units
    return [Fraction(count, size * units) for count in counts]


class TestTable:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("count", SIZES)
    def test_it_holds_the_probabilities(self, device, kind, count):
        weights = weights_of(kind, count)
        exact = [Fraction(value) for value in weights.tolist()]
        total = sum(exact)
        table = AliasTable(weights.to(device))
        for mine, weight in zip(held(table.table), exact, strict=True):
            wanted = weight / total
            assert abs(mine - wanted) <= wanted * 2**-49 + Fraction(1, 2**38 * count)
            assert (mine == 0) == (weight == 0) or wanted < Fraction(1, 2**38 * count)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("count", SIZES)
    @pytest.mark.usefixtures("native")
    def test_both_implementations_build_the_same(self, kind, count):
        tables = []
        for mode in ("native", "python"):
            with ops.use(mode):
                tables.append(AliasTable(weights_of(kind, count)).table)
        assert torch.equal(*tables)

    def test_probabilities(self, device):
        weights = weights_of("zipf", 1000)
        found = AliasTable(weights.to(device)).probabilities().cpu()
        assert torch.allclose(found, weights / weights.sum(), rtol=1e-12, atol=1e-15)

    def test_what_weights_may_be(self, device):
        table = AliasTable([1, 2, 3]).table
        for same in (
            torch.tensor([1, 2, 3]),
            torch.tensor([0.5, 1, 1.5], dtype=torch.float16),
            np.array([1.0, 2.0, 3.0]),
            torch.tensor([[1.0, 9], [2, 9], [3, 9]])[:, 0],
        ):
            assert torch.equal(AliasTable(same).table, table)
        assert repr(AliasTable([1, 2, 3])) == "AliasTable(3 weights, cpu)"

    @pytest.mark.parametrize(
        ("weights", "error", "message"),
        [
            ([], ValueError, r"shape \(n,\) with n from 1 to 2147483647, got \(0,\)"),
            ([[1.0]], ValueError, r"got \(1, 1\)"),
            ([1.0, -2.0], ValueError, "but number 1 is -2.0"),
            ([1.0, float("nan")], ValueError, "but number 1 is nan"),
            ([float("inf"), 1.0], ValueError, "but number 0 is inf"),
            ([0.0, 0.0], ValueError, "at least one weight above 0"),
            (["a"], TypeError, "weights must be real numbers"),
            ([1j], TypeError, "weights must be real numbers"),
            (torch.tensor([True]), TypeError, "real numbers, got torch.bool"),
        ],
    )
    def test_wrong_weights(self, device, weights, error, message):
        with pytest.raises(error, match=message):
            AliasTable(weights)


class TestDraws:
    def test_a_draw_by_hand(self, device):
        """One number follows from the words of Philox, in integers of any length."""
        table = AliasTable(weights_of("zipf", 1000).to(device))
        units = table.table.tolist()
        for number, drawn in enumerate(table.draw(50, seed=9, offset=3).tolist(), start=3):
            words = philox(torch.tensor([number // 2]), 9)[0].tolist()
            low, high = words[2:] if number % 2 else words[:2]
            product = (high << 32 | low) * 1000
            bucket, place = product >> 64, (product & 2**64 - 1) >> 12
            assert drawn == (bucket if place < units[bucket][0] else units[bucket][1])

    @pytest.mark.parametrize("count", [1, 7, 4096, 100_001])
    def test_draws_by_number(self, device, count):
        """However the numbers are asked for, draw number i is the same."""
        table = AliasTable(weights_of("random", 500).to(device))
        whole = table.draw(count + 5, 1)
        assert torch.equal(table.draw(count, 1, offset=5), whole[5:])
        assert torch.equal(table.draw(count, 1, offset=2), whole[2:-3])
        assert not torch.equal(table.draw(count + 5, 2)[:7], whole[:7]) or count == 1

    @pytest.mark.usefixtures("native")
    @pytest.mark.parametrize("count", [1, 3, 10, 71_290, 2**24 + 1])
    @pytest.mark.parametrize(("seed", "offset"), [(0, 0), (2**64 - 1, 2**62), (2**63, 2**33 - 7)])
    def test_both_implementations_and_any_threads_draw_the_same(
        self, count, seed, offset, set_threads
    ):
        table = AliasTable(weights_of("zipf", count))
        drawn = []
        for mode, threads in (("native", 1), ("native", 2), ("python", 2)):
            set_threads(threads)
            with ops.use(mode):
                drawn.append(table.draw(30_001, seed, offset))
        assert torch.equal(drawn[0], drawn[1])
        assert torch.equal(drawn[0], drawn[2])

    def test_what_weighs_nothing_is_never_drawn(self, device):
        weights = weights_of("holes", 1000)
        assert (weights[AliasTable(weights).draw(100_000, 1)] > 0).all()

    def test_to_a_device(self, device):
        table = AliasTable(weights_of("zipf", 1000))
        moved = table.to(device)
        assert moved.table.device.type == device
        assert torch.equal(moved.draw(1000, 5).cpu(), table.draw(1000, 5))

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ((-1, 0), ValueError, "count must be from 0 to 281474976710656, got -1"),
            ((1, -1), ValueError, "seed must be from 0 to 18446744073709551615, got -1"),
            ((1, 0, -1), ValueError, "offset must be from 0 to 4611686018427387904, got -1"),
            ((1.5, 0), TypeError, "count must be an int, got float"),
            ((True, 0), TypeError, "count must be an int, got bool"),
        ],
    )
    def test_wrong_numbers(self, device, arguments, error, message):
        with pytest.raises(error, match=message):
            AliasTable([1.0, 2.0]).draw(*arguments)

    def test_none(self, device):
        assert AliasTable([1.0]).draw(0, 0).shape == (0,)


def chi_square_p(counts, probabilities):
    """Return how likely counts this far from what is expected are; categories few are joined."""
    expected = probabilities * counts.sum()
    order = np.argsort(-expected)
    counts, expected = counts[order], expected[order]
    starts, mass = [0], 0.0
    for index, value in enumerate(expected):
        if mass >= 5:
            starts.append(index)
            mass = 0.0
        mass += value
    if mass < 5 and len(starts) > 1:
        starts.pop()
    seen, wanted = (np.add.reduceat(x, starts) for x in (counts, expected))
    return chi2.sf(((seen - wanted) ** 2 / wanted).sum(), len(starts) - 1)


@pytest.mark.parametrize("kind", ["zipf", "random"])
@pytest.mark.parametrize("count", [10, 71_290, pytest.param(PAST_FLOAT, id="2^24+1")])
def test_chi_square(count, kind):
    """The draws have the distribution of the weights; twice, so that luck has to strike twice."""
    weights = weights_of(kind, count)
    table, draws = AliasTable(weights), 8_000_000 if count > 10**6 else 4_000_000
    likely = (weights / weights.sum()).numpy()
    values = [
        chi_square_p(np.bincount(table.draw(draws, seed), minlength=count), likely)
        for seed in (11, 12)
    ]
    assert max(values) > 1e-3, values
    assert min(values) > 1e-6, values


def test_the_last_category_past_two_to_the_24_is_drawn():
    weights = torch.zeros(PAST_FLOAT)
    weights[[0, -2, -1]] = torch.tensor([1.0, 1.0, 2.0])
    shares = np.bincount(AliasTable(weights).draw(100_000, 3), minlength=PAST_FLOAT) / 100_000
    assert shares[0] == pytest.approx(0.25, abs=0.01)
    assert shares[-2] == pytest.approx(0.25, abs=0.01)
    assert shares[-1] == pytest.approx(0.5, abs=0.01)


def test_opcheck(device, overload):
    torch.library.opcheck(overload("alias_build"), (weights_of("zipf", 9).to(device),))
    table = AliasTable(weights_of("zipf", 9)).table.to(device)
    torch.library.opcheck(overload("alias_draw"), (table, 5, -3, 2))


@pytest.mark.parametrize("dynamic", [False, True])
def test_compile(device, dynamic):
    table = AliasTable(weights_of("zipf", 50).to(device))
    compiled = torch.compile(
        lambda t, seed: table.draw(9, seed) + t, fullgraph=True, backend="eager", dynamic=dynamic
    )
    one = torch.ones((), dtype=torch.int64, device=device)
    for seed in (1, 2):
        assert torch.equal(compiled(one, seed), table.draw(9, seed) + 1)
