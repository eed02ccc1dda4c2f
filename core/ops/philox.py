"""Philox 4x32-10, the generator of all random numbers in `nntasks.ops`.

It is counter-based: four random words depend only on a counter, a stream and a seed. So Python, C++
and CUDA draw the same numbers with any number of threads. Salmon, Moraes, Dror and Shaw, "Parallel
random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

from typing import SupportsIndex

import torch
from torch import Tensor

from nntasks.ops._arguments import check_int64, check_integers, checked_word
from nntasks.ops._library import define, op

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_STEPS = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10


def philox(counters: Tensor, seed: SupportsIndex, stream: SupportsIndex = 0) -> Tensor:
    """Return four random words for each counter.

    Args:
        counters: (N,) integers; 2^64 is added to negative ones.
        seed: the key, 0 to 2^64 - 1.
        stream: the upper half of the 128-bit counter, 0 to 2^64 - 1: streams of one seed are
            independent.

    Returns:
        (N, 4) int64 words, each uniform in 0 to 2^32 - 1.

    Raises:
        TypeError: if counters are not a tensor of integers, or a number is not an int.
        ValueError: on a wrong shape or a number out of range.
    """
    check_integers("philox", "counters", counters)
    counters = counters.long()
    _check_counters(counters)
    return op("philox")(
        counters,
        checked_word("philox", "seed", seed),
        checked_word("philox", "stream", stream),
    )


def _check_counters(counters: Tensor) -> None:
    check_int64("philox", "counters", counters)
    if counters.dim() != 1:
        raise ValueError(f"philox: counters must have shape (N,), got {tuple(counters.shape)}")


def words(counters: Tensor, seed: int, stream: int) -> list[Tensor]:
    """Return the four words of each counter, each int64 of the counters' shape.

    A product of two 32-bit words wraps around in int64; all 64 bits are still right.
    """
    c0, c1 = counters & _MASK, (counters >> 32) & _MASK
    c2, c3 = (torch.full_like(counters, word) for word in (stream & _MASK, stream >> 32 & _MASK))
    k0, k1 = seed & _MASK, seed >> 32 & _MASK
    for _ in range(_ROUNDS):
        a, b = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c2 = (b >> 32) & _MASK ^ c1 ^ k0, (a >> 32) & _MASK ^ c3 ^ k1
        c1, c3 = b & _MASK, a & _MASK
        k0, k1 = (k0 + _STEPS[0]) & _MASK, (k1 + _STEPS[1]) & _MASK
    return [c0, c1, c2, c3]


def _reference(counters: Tensor, seed: int, stream: int) -> Tensor:
    _check_counters(counters)
    return torch.stack(words(counters, seed, stream), dim=1)


def _fake(counters: Tensor, seed: int, stream: int) -> Tensor:
    _check_counters(counters)
    return counters.new_empty((counters.shape[0], 4), dtype=torch.int64)


define("philox(Tensor counters, SymInt seed, SymInt stream) -> Tensor", _reference, _fake)
