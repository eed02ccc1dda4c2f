"""Draws from a discrete distribution, in constant time per draw: `AliasTable` and its two ops.

The method is Walker's (1977), with Vose's linear construction (1991) in the order of
Hübschle-Schneider and Sanders, "Parallel Weighted Random Sampling" (2022), which can be written
with prefix sums. Weights are converted to integers first. All later arithmetic is exact, so every
implementation builds the same table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import torch
from torch import Tensor

from nntasks.ops._arguments import MOST, check_int64, checked_int, checked_word
from nntasks.ops._library import define, op
from nntasks.ops.philox import words

MOST_WEIGHTS = 2**31 - 1
_SLACK = 1 + 2.0**-50  # more than the few roundings between a weight and its integer


class AliasTable:
    """Draws indices with probabilities proportional to given weights.

    Every index i has a bucket of 2^k units, n buckets in all. `table[i]` holds how many of its
    units draw i itself, and the index that the others draw. A draw is one 64-bit random number: its
    product with n gives the bucket (upper half) and the unit in it (lower half). Probabilities are
    right to a relative 2^-50 plus an absolute 2^-38 / n.

    Args:
        weights: (n,) numbers >= 0, finite, not all zero; a tensor of any real dtype on any device,
            an array or a sequence. They need not sum to one. n is from 1 to 2^31 - 1.

    Attributes:
        table: (n, 2) int64 on the device of the weights: a bucket's own units, and the other index.

    Raises:
        TypeError: if the weights are not real numbers.
        ValueError: on a wrong shape, or a weight that is negative or not finite; if all are zero.
    """

    def __init__(self, weights: Tensor | Sequence[float]) -> None:
        values = _as_weights(weights)
        if not torch.compiler.is_compiling():  # a graph cannot branch on values; kernels check them
            _check_values(values)
        self.table: Tensor = op("alias_build")(values)

    def draw(self, count: SupportsIndex, seed: SupportsIndex, offset: SupportsIndex = 0) -> Tensor:
        """Return the draws `offset` to `offset + count - 1` of a seed.

        The same (seed, offset) gives the same draws everywhere: on the CPU, on CUDA, from the
        reference, with any number of threads. Draws of different offsets are independent.

        Args:
            count: how many.
            seed: 0 to 2^64 - 1.
            offset: 0 to 2^62.

        Returns:
            (count,) int64 indices, on the table's device.

        Raises:
            TypeError: if a number is no int.
            ValueError: if a number is out of range.
        """
        return op("alias_draw")(
            self.table,
            checked_int("AliasTable.draw", "count", count, 0, 2**48),
            checked_word("AliasTable.draw", "seed", seed),
            checked_int("AliasTable.draw", "offset", offset, 0, 2**62),
        )

    def probabilities(self) -> Tensor:
        """Return the probabilities of the table, (n,) float64 on its device."""
        units = 2 ** bucket_bits(len(self))
        own, other = self.table.unbind(1)
        held = own.double().index_add(0, other, (units - own).double())
        return held / units / len(self)

    def to(self, device: torch.device | str) -> AliasTable:
        """Return the same table on a device."""
        moved = object.__new__(AliasTable)
        moved.table = self.table.to(device)
        return moved

    def __len__(self) -> int:
        return self.table.shape[0]

    def __repr__(self) -> str:
        return f"AliasTable({len(self):,} weights, {self.table.device})"


def bucket_bits(count: int) -> int:
    """Return k: with 2^k units per bucket, the units of all buckets fit into 62 bits."""
    return 62 - (count - 1).bit_length()


def _as_weights(weights: Tensor | Sequence[float]) -> Tensor:
    try:
        values = torch.as_tensor(weights)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"AliasTable: weights must be real numbers: {error}") from error
    if values.is_complex() or values.dtype == torch.bool:
        raise TypeError(f"AliasTable: weights must be real numbers, got {values.dtype}")
    values = values.double()
    _check_weights(values)
    return values


def _check_weights(weights: Tensor) -> None:
    if not isinstance(weights, Tensor) or weights.dtype != torch.float64:
        raise TypeError("alias_build: weights must be float64")
    if weights.dim() != 1 or not 1 <= weights.shape[0] <= MOST_WEIGHTS:
        raise ValueError(
            f"AliasTable: weights must have shape (n,) with n from 1 to {MOST_WEIGHTS}, got "
            f"{tuple(weights.shape)}"
        )


def _check_values(weights: Tensor) -> None:
    wrong = ~((weights >= 0) & (weights < torch.inf))
    if wrong.any():
        first = int(wrong.nonzero()[0, 0])
        raise ValueError(
            "AliasTable: weights must be finite and 0 or more, but number "
            f"{first} is {float(weights[first])}"
        )
    if not weights.any():
        raise ValueError("AliasTable: expected at least one weight above 0, but all are 0")


def _build_reference(weights: Tensor) -> Tensor:
    _check_weights(weights)
    _check_values(weights)
    units = 1 << bucket_bits(weights.shape[0])
    return _sweep(_shares(weights, units), units)


def _shares(weights: Tensor, units: int) -> Tensor:
    """Return the units of each weight over all buckets, int64; their sum is exactly n * units.

    Floating-point sums depend on the order, so the sum is over integers, in units of 2^-62 of the
    largest weight. It is rounded up, never down, and the remaining units are shared among the
    weights above zero.
    """
    count = weights.shape[0]
    scaled = weights / weights.max()
    upper = (scaled * 2.0**30).floor()
    lower = ((scaled * 2.0**30 - upper) * 2.0**32).floor()
    sums = upper.long().sum().double(), (lower.long().sum() + count).double()
    total = sums[0] * 2.0**-30 + sums[1] * 2.0**-62
    each = torch.full_like(total, count * units) / (total * _SLACK)
    shares = (scaled * each).floor().long()
    positive = scaled > 0
    left, holders = count * units - shares.sum(), positive.sum()
    extra = left // holders + (positive.cumsum(0) <= left % holders)
    return shares + torch.where(positive, extra, 0)


def _sweep(shares: Tensor, units: int) -> Tensor:
    """Fill the buckets of light weights from heavy ones, in the order of their indices.

    A heavy bucket that has given away too much is filled from the next heavy one.
    """
    table = torch.stack((shares, torch.arange(len(shares), device=shares.device)), dim=1)
    heavy = (shares > units).nonzero().squeeze(1)
    light = (shares < units).nonzero().squeeze(1)
    if not len(heavy):
        return table
    missing = (units - shares[light]).cumsum(0)
    excess = (shares[heavy] - units).cumsum(0)
    before = missing - (units - shares[light])
    table[light, 1] = heavy[torch.searchsorted(excess, before, right=True)]
    overdrawn = missing[torch.searchsorted(missing, excess)] - excess
    table[heavy, 0] = units - overdrawn
    table[heavy[:-1], 1] = torch.where(overdrawn[:-1] > 0, heavy[1:], heavy[:-1])
    return table


def _build_fake(weights: Tensor) -> Tensor:
    _check_weights(weights)
    return weights.new_empty((weights.shape[0], 2), dtype=torch.int64)


def _check_table(table: Tensor, count: int, offset: int) -> None:
    check_int64("alias_draw", "table", table)
    if table.dim() != 2 or table.shape[1] != 2 or not 1 <= table.shape[0] <= MOST_WEIGHTS:
        raise ValueError(
            f"alias_draw: table must have shape (n, 2) with n from 1 to {MOST_WEIGHTS}, got "
            f"{tuple(table.shape)}"
        )
    if not (0 <= count <= 2**48 and 0 <= offset <= MOST // 2 + 1):
        raise ValueError(
            "alias_draw: count must be from 0 to 2^48 and offset from 0 to 2^62, got "
            f"{count} and {offset}"
        )


def draw_reference(table: Tensor, count: int, seed: int, offset: int) -> Tensor:
    _check_table(table, count, offset)
    size, bits = table.shape[0], bucket_bits(table.shape[0])
    number = torch.arange(offset, offset + count, device=table.device)
    w0, w1, w2, w3 = words(number >> 1, seed, 0)
    odd = (number & 1).bool()
    low, high = torch.where(odd, w2, w0), torch.where(odd, w3, w1)
    bucket = (high * size + (low * size >> 32)) >> 32
    fraction = (high * size << 32) + low * size  # of a bucket, in 2^-64; wraps as wanted
    unit = (fraction >> (64 - bits)) & ((1 << bits) - 1)
    own, other = table[bucket].unbind(1)
    return torch.where(unit < own, bucket, other)


def _draw_fake(table: Tensor, count: int, seed: int, offset: int) -> Tensor:
    _check_table(table, count, offset)
    return table.new_empty((count,))


define("alias_build(Tensor weights) -> Tensor", _build_reference, _build_fake)
define(
    "alias_draw(Tensor table, SymInt count, SymInt seed, SymInt offset) -> Tensor",
    draw_reference,
    _draw_fake,
)
