"""Tolerant reading of numbers: as numbers, as text, integers with a decimal point."""

from __future__ import annotations

import math
from typing import Any

_LONGEST = 30  # longest number as text


def whole_number(value: Any) -> int | None:
    """Return an integer, also from text or with a decimal point; else None."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= _LONGEST and value.isascii():
        digits = value.strip().removeprefix("-")
        return int(value) if digits.isdigit() else None
    return None


def finite_number(value: Any) -> float | None:
    """Return a finite number, also from text; else None."""
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
