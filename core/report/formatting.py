"""Format values for the report and the terminal."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Set
from numbers import Integral, Real
from pathlib import Path
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LARGE = 1e9  # from here on, the exponent is enough and four decimals are noise


def format_value(value: Any) -> str:
    """Return a value as readable text.

    Floats have four decimals. Nonzero values that would show as zero, and values of 1e9 or more,
    have five digits and an exponent; undefined values are `nan`. Booleans
    are `yes` and `no`, None is a dash, mappings and sequences are listed with commas. The text is
    one line without control characters.
    """
    value = _plain(value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return _format_float(float(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(str(k))}: {format_value(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(format_value(item) for item in value)
    if isinstance(value, Set):
        return ", ".join(sorted(format_value(item) for item in value))
    return " ".join(clean(str(value)).split("\n"))


def format_interval(ends: Any) -> str:
    """Return the two ends of an interval as text; empty for None, and where they are undefined."""
    if not ends or all(end is None or math.isnan(end) for end in ends):
        return ""
    return f"{format_value(ends[0])} to {format_value(ends[1])}"


def without_interval(summary: Mapping[str, Any]) -> str:
    """Return a sentence that names the headline numbers without an interval; empty for none."""
    known = summary.get("intervals", {})
    names = [
        name
        for name in summary.get("headline", ())
        if name not in known and as_number(summary["metrics"].get(name)) is not None
    ]
    return f"no 95 % interval: {', '.join(names)}" if names else ""


def as_number(value: Any) -> float | None:
    """Return an int or float (of Python, NumPy or torch) as a float; None for other values."""
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return -math.inf if str(value).startswith("-") else math.inf


def for_sorting(number: float) -> str:
    """Format a number for JavaScript."""
    return repr(number).replace("inf", "Infinity")


def is_numeric(values: Iterable[Any]) -> bool:
    """Whether a column has at least one number and otherwise only None."""
    present = [value for value in values if value is not None]
    return bool(present) and all(as_number(value) is not None for value in present)


def clean(text: str) -> str:
    """Replace control characters and lone surrogates, which can garble a terminal or a file."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()


def how_many(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun: `1 file`, `2 files`, or `2 batches` where `several` says so."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def from_here(path: Path) -> str:
    """Return a path relative to the working directory if it lies inside."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown


def duration(seconds: float) -> str:
    """Return seconds as `4.2 s`, `3 min 05 s` or `2 h 07 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def file_size(count: int) -> str:
    """Return a number of bytes as `512 B`, `1.5 MB` and so on, in powers of 1000."""
    size, units = float(count), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 999.5 and unit != "TB":
        size, unit = size / 1000, next(units)
    return f"{count} B" if unit == "B" else f"{size:.3g} {unit}"


def _format_float(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.4f}"
    if value != 0 and (float(text) == 0 or abs(value) >= _LARGE):
        return f"{value:.4e}"
    return text.removeprefix("-") if float(text) == 0 else text  # no minus zero


def _plain(value: Any) -> Any:
    """Unwrap a NumPy or torch number."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    return value
