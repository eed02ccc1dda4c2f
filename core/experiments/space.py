"""Search spaces: ranges and choices for a task's keys."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nntasks.config import parse_overrides
from nntasks.errors import UsageError
from nntasks.experiments.key_fields import Fields, alternatives, takes_commas


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; `log` searches on a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __str__(self) -> str:
        low, high = (f"{value:g}" for value in (self.low, self.high))
        return f"{low} to {high}" + (" (log)" if self.log else "")


@dataclass(frozen=True)
class Choice:
    """One of several values, as text."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return ("; " if any("," in word for word in self.words) else ", ").join(self.words)


Space = Mapping[str, Range | Choice]


def read_space(fields: Fields, words: Iterable[str]) -> Space:
    """Read `lr=1e-4:1e-1:log width=16:128 norm=none,batch`.

    A range is `low:high` or `low:high:log`, of whole numbers if the key takes them. Commas separate
    choices, or colons for a key that takes a list or a path.

    Raises:
        UsageError: naming the key, what was expected and what came.
    """
    return {key: _one(fields, key, value) for key, value in parse_overrides(words).items()}


def _one(fields: Fields, key: str, value: str) -> Range | Choice:
    if takes_commas(fields, key):
        return _choice(fields, key, value)
    if ":" not in value:
        return _choice(fields, key, value)
    low, high, log = _ends(key, value)
    whole = _whole(fields, key) and low == int(low) and high == int(high)
    if _whole(fields, key) and not whole:
        raise UsageError(f"space {key}: expected whole numbers for this key, got {value}")
    return Range(low, high, log, whole)


def _ends(key: str, value: str) -> tuple[float, float, bool]:
    parts = value.split(":")
    try:
        low, high = map(float, parts[:2])
        if parts[2:] not in ([], ["log"]) or not low < high or (parts[2:] and low <= 0):
            raise ValueError
    except ValueError:
        raise UsageError(
            f"space {key}: expected low:high or low:high:log (low above 0), got {value!r}"
        ) from None
    return low, high, bool(parts[2:])


def _choice(fields: Fields, key: str, value: str) -> Choice:
    words = tuple(alternatives(fields, key, value))
    if len(words) < 2 or len(set(words)) < len(words):
        raise UsageError(
            f"space {key}: expected a range such as 1e-4:1e-1:log, or different choices such as "
            f"a,b,c, got {value!r}"
        )
    return Choice(words)


def _whole(fields: Fields, key: str) -> bool:
    field = fields.get(key)
    if field is None:
        return False
    annotation: Any = field.annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return int in typing.get_args(annotation) and float not in typing.get_args(annotation)
    return annotation is int
