"""Greedy matching by the kernel, or without torch where that takes less time than loading it."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np

_FEW_PAIRS = 100_000
_NEARLY_ONE = 1 - 1e-10  # thresholds above it are lowered to it, as COCO does


def torch_is_worth_it(pairs: int) -> bool:
    """Return whether torch is loaded already, or so much work pays for loading it."""
    return "torch" in sys.modules or pairs > _FEW_PAIRS


def match_in_turn(
    starts: np.ndarray,
    truths: np.ndarray,
    ious: np.ndarray,
    groups: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Return (K, A, T) int32: what `nntasks.ops.match_greedily` returns for the same arguments."""
    if torch_is_worth_it(len(truths)):
        from nntasks.ops import match_greedily

        found = match_greedily(starts, truths, ious, groups, crowd, ignored, thresholds)
        return found.numpy()
    return _match_by_bits(starts, truths, ious, crowd, ignored, thresholds)


def _match_by_bits(
    starts: np.ndarray,
    truths: np.ndarray,
    ious: np.ndarray,
    crowd: np.ndarray,
    ignored: np.ndarray,
    thresholds: np.ndarray,
) -> np.ndarray:
    """Match with one bit for every area range and threshold, so that a pair is looked at once.

    An object that is ignored comes after all that are not; a crowd region is never used up.
    """
    areas, levels = ignored.shape[1], len(thresholds)
    reached = np.searchsorted(np.minimum(thresholds, _NEARLY_ONE), ious, side="right").tolist()
    first_bits = [1 << (area * levels) for area in range(areas)]
    every = [sum(first_bits) * ((1 << count) - 1) for count in range(levels + 1)]
    counts = [
        sum(bit * ((1 << levels) - 1) for bit, out in zip(first_bits, row, strict=True) if not out)
        for row in ignored.tolist()
    ]
    free, crowds, truth_of = [every[-1]] * len(counts), crowd.tolist(), truths.tolist()
    bounds = starts.tolist()
    taken: list[tuple[int, int, int]] = []
    for row, (start, end) in enumerate(pairwise(bounds)):
        wanting = every[-1]
        for own in (True, False):  # objects that count, then ignored ones
            for pair in range(end - 1, start - 1, -1):
                truth = truth_of[pair]
                kind = counts[truth] if own else ~counts[truth]
                got = wanting & free[truth] & every[reached[pair]] & kind
                if got:
                    taken.append((row, truth, got))
                    wanting ^= got
                    if not crowds[truth]:
                        free[truth] ^= got
    matched = np.full((areas * levels, len(bounds) - 1), -1, np.int32)
    for column in range(areas * levels):
        chosen = [(row, truth) for row, truth, got in taken if got >> column & 1]
        if chosen:
            rows, values = zip(*chosen, strict=True)
            matched[column, list(rows)] = values
    return np.ascontiguousarray(matched.T).reshape(-1, areas, levels)
