"""The first difference between two sets of arrays, bit by bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nntasks.run_folder.array_hash import raw_bytes


def first_difference(stored: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Describe the first value that differs: `3.weight[0, 5] was 0.25, is 0.5`; empty if none."""
    for name in dict.fromkeys([*stored, *now]):
        if name not in now or name not in stored:
            return f"{name} is {'missing' if name in stored else 'new'}"
        difference = _difference(stored[name], now[name])
        if difference:
            return f"{name}{difference}"
    return ""


def _difference(stored: Any, now: Any) -> str:
    if tuple(stored.shape) != tuple(now.shape) or _dtype(stored) != _dtype(now):
        return f" was {_dtype(stored)} {tuple(stored.shape)}, is {_dtype(now)} {tuple(now.shape)}"
    before, after = raw_bytes(stored), raw_bytes(now)
    if np.array_equal(before, after):
        return ""
    shape = tuple(stored.shape)
    size = before.size // max(int(np.prod(shape)), 1)  # bytes of a value
    places = np.flatnonzero(before != after) // size
    first, count = int(places[0]), len(np.unique(places))
    index = [int(part) for part in np.unravel_index(first, shape)] if shape else []
    old, new = (float(array.reshape(-1)[first]) for array in (stored, now))
    of_all = f" ({count:,} of {before.size // size:,} values differ)" if shape else ""
    return f"{index or ''} was {old!r}, is {new!r}{of_all}"


def _dtype(array: Any) -> str:
    return str(array.dtype).removeprefix("torch.")
