"""Numbers in files that people's tools wrote: as numbers, as text, whole ones with a point."""

from __future__ import annotations

import math
from typing import Any

_LONGEST = 30  # characters of a number that is written as text


def whole_number(value: Any) -> int | None:
    """Return a whole number that may be written as text or with a point; None for all else."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii():
        digits = value.strip().removeprefix("-")
        return int(value) if digits.isdigit() else None
    return None


def finite_number(value: Any) -> float | None:
    """Return a finite number that may be written as text; None for all else."""
    kind = type(value)
    if kind is not float and kind is not int:
        text = kind is str and len(value) <= _LONGEST and value.isascii() and "_" not in value
        if not text:
            return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
