"""The numbers of a run, computed again from its weights."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nntasks.storage.atomic_write import to_json

# "verdict" is words that rules make from the numbers.
_OF_THE_PROCESS = ("run", "seconds", "kernels", "definitions", "headline", "verdict")


@dataclass(frozen=True)
class Compared:
    """Numbers that were compared.

    Attributes:
        count: how many.
        first: the first that differs: `metrics.map50 was 0.97, is 0.96`; empty if none.
        largest: the largest difference, relative to numbers above 1; infinite if a number is
            missing or text differs.
        differing: how many differ.
    """

    count: int = 0
    first: str = ""
    largest: float = 0.0
    differing: int = 0


def compare(stored: Mapping[str, Any], now: Mapping[str, Any]) -> Compared:
    """Compare the content of a summary.json with a new one; further numbers do not count."""
    new = dict(_leaves(json.loads(to_json(dict(now)))))
    old = {name: value for name, value in _leaves(stored) if not name.startswith(_OF_THE_PROCESS)}
    first, largest, differing = "", 0.0, 0
    for name, value in old.items():
        distance = _distance(value, new[name]) if name in new else math.inf
        if distance:
            first = first or f"{name} was {value!r}, is {new.get(name)!r}"
            differing += 1
        largest = max(largest, distance)
    return Compared(len(old), first, largest, differing)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{name}[{number}]")
    else:
        yield name, value


def _distance(old: Any, new: Any) -> float:
    if old == new:
        return 0.0
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) for v in (old, new)):
        return math.inf
    return abs(old - new) / max(1.0, abs(old), abs(new))
