"""The curves of a run's history, grouped into panels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.report.formatting import as_number

SPLITS = ("train", "validation", "test")
MOST_LINES = 6  # per panel; the palette has as many colours
_PLACES = ("step", "epoch", "split")


@dataclass(frozen=True)
class Curve:
    """One scalar of one split over epochs or steps; NaN marks gaps."""

    name: str
    split: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    @property
    def finite(self) -> tuple[float, ...]:
        """The finite values."""
        return tuple(value for value in self.y if math.isfinite(value))

    @property
    def is_share(self) -> bool:
        """Whether all values are in 0..1."""
        return all(0 <= value <= 1 for value in self.finite)


@dataclass(frozen=True)
class Panel:
    """Curves that share axes; `trained` marks a scalar of the training."""

    title: str
    curves: tuple[Curve, ...]
    trained: bool = False


@dataclass(frozen=True)
class History:
    """All curves of a run.

    Attributes:
        axis: the x axis: "epoch", "step" or "row".
        panels: groups of curves: each training scalar with its validation, the learning rates,
            the headline, then the other metrics.
    """

    axis: str
    panels: tuple[Panel, ...]


def read_history(rows: Iterable[Mapping[str, Any]], headline: Sequence[str] = ()) -> History:
    """Group the rows of metrics.jsonl into panels.

    Args:
        rows: each with `split`, `step` and `epoch`, and scalars by name. Missing and non-numeric
            values are skipped; null is an undefined number.
        headline: names for the first panel of validation-only metrics.
    """
    rows = [row for row in rows if isinstance(row.get("split"), str)]
    axis = _axis(rows)
    curves = _curves(rows, axis)
    return History(axis, tuple(_panels(curves, headline)))


def _axis(rows: Sequence[Mapping[str, Any]]) -> str:
    """Choose epochs if every row has one and they differ, else steps."""
    for name in ("epoch", "step"):
        places = [as_number(row.get(name)) for row in rows]
        known = all(place is not None and math.isfinite(place) for place in places)
        if known and (len(set(places)) > 1 or len(rows) == 1):
            return name
    return "row"


def _curves(rows: Sequence[Mapping[str, Any]], axis: str) -> list[Curve]:
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for number, row in enumerate(rows, start=1):
        place = as_number(row.get(axis)) if axis != "row" else float(number)
        for name, value in row.items():
            y = math.nan if value is None else as_number(value)
            if name in _PLACES or y is None or place is None:
                continue
            y = y if math.isfinite(y) else math.nan
            points.setdefault((name, row["split"]), []).append((place, y))
    curves = []
    for (name, split), pairs in points.items():
        pairs.sort(key=lambda pair: pair[0])
        curves.append(Curve(name, split, tuple(p[0] for p in pairs), tuple(p[1] for p in pairs)))
    return curves


def _panels(curves: Sequence[Curve], headline: Sequence[str]) -> Iterable[Panel]:
    by_name: dict[str, list[Curve]] = {}
    for curve in curves:
        by_name.setdefault(curve.name, []).append(curve)
    for same in by_name.values():
        same.sort(key=lambda curve: (_split_order(curve.split), curve.split))
    rates = [name for name in by_name if _is_rate(name)]
    trained = [
        name
        for name, same in by_name.items()
        if name not in rates and (same[0].split == "train" or name.startswith("loss"))
    ]
    for name in trained:
        yield Panel(name, tuple(by_name[name]), trained=True)
    if rates:
        yield Panel("learning rate", tuple(curve for name in rates for curve in by_name[name]))
    others = [name for name in by_name if name not in {*rates, *trained}]
    for names in _together(others, by_name, headline):
        yield Panel(_title(names, headline), tuple(c for name in names for c in by_name[name]))


def _together(
    names: Sequence[str], by_name: Mapping[str, Sequence[Curve]], headline: Sequence[str]
) -> Iterable[list[str]]:
    """Group names without training values: the headline, then by stem, shares with shares."""
    first = [name for name in headline if name in names][:MOST_LINES]
    shares = [name for name in names if all(curve.is_share for curve in by_name[name])]
    if first and all(name in shares for name in first):
        yield first
    else:
        yield from ([name] for name in first)
    families: dict[str, list[str]] = {}
    for name in shares:
        if name not in first:
            families.setdefault(_stem(name), []).append(name)
    group: list[str] = []
    for family in families.values():
        for start in range(0, len(family), MOST_LINES):
            piece = family[start : start + MOST_LINES]
            if len(group) + len(piece) > MOST_LINES:
                yield group
                group = []
            group = [*group, *piece]
    if group:
        yield group
    for name in names:
        if name not in first and name not in shares and not _is_count(by_name[name]):
            yield [name]


def _is_count(curves: Sequence[Curve]) -> bool:
    """Whether all values are the same integer, as for the size of the data."""
    values = [value for curve in curves for value in curve.finite]
    return len(values) > 1 and len(set(values)) == 1 and values[0] == int(values[0])


def _is_rate(name: str) -> bool:
    return name in ("lr", "learning_rate") or name.startswith(("lr_", "learning_rate_"))


def _split_order(split: str) -> int:
    return SPLITS.index(split) if split in SPLITS else len(SPLITS)


def _stem(name: str) -> str:
    """Return the common start of related names, such as `map` of map50_95."""
    found = re.match(r"[^\W\d_]+", name)
    return found.group() if found else name


def _title(names: Sequence[str], headline: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    if names[0] in headline:
        return "headline"
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(_stem(name), []).append(name)
    return ", ".join(map(_common_start, families.values()))


def _common_start(names: Sequence[str]) -> str:
    """Return `f1` for f1 and f1_macro, `ar` for ar1, ar10 and ar100."""
    first, last = min(names), max(names)  # sorted: what the first and last share, all share
    pairs = zip(first, last, strict=False)
    length = next((i for i, (a, b) in enumerate(pairs) if a != b), len(first))
    start = first[:length]
    if any(name[len(start) :][:1].isdigit() for name in names):
        start = start.rstrip("0123456789")
    return start.rstrip("_")
