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
_LOSSES, _LIKELIHOODS = ("loss", "epoch_loss"), ("nll",)
_ALIKE = 100.0  # ratio of the largest values of scalars that share a panel


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

    @property
    def only_split(self) -> str:
        """The split of all curves; empty if they have several."""
        splits = {curve.split for curve in self.curves}
        return splits.pop() if len(splits) == 1 else ""


@dataclass(frozen=True)
class History:
    """All curves of a run.

    Attributes:
        axis: the x axis: "epoch", "step" or "row".
        panels: groups of curves: the losses, other training scalars with their validation, the
            learning rates, the headline, then the other metrics that have a value.
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
    losses = _losses(by_name)
    trained = [
        name
        for name, same in by_name.items()
        if name not in {*rates, *losses} and (same[0].split == "train" or name.startswith("loss"))
    ]
    if losses:
        yield Panel("loss", tuple(c for name in losses for c in by_name[name]), trained=True)
    for names in _parts(trained, by_name):
        title = names[0] if len(names) == 1 else "parts of the loss"
        yield Panel(title, tuple(c for name in names for c in by_name[name]), trained=True)
    if rates:
        yield Panel("learning rate", tuple(curve for name in rates for curve in by_name[name]))
    others = [
        name
        for name in by_name
        if name not in {*rates, *losses, *trained} and any(c.finite for c in by_name[name])
    ]
    for names in _together(others, by_name, headline):
        yield Panel(_title(names, headline), tuple(c for name in names for c in by_name[name]))


def _losses(by_name: Mapping[str, Sequence[Curve]]) -> list[str]:
    """Return the scalars that measure the loss itself, in training and in validation.

    The negative log-likelihood of a classifier is the cross-entropy of its training, so both belong
    on one scale.
    """
    found = [name for name in _LOSSES if name in by_name]
    validated = any(curve.split == "validation" for name in found for curve in by_name[name])
    likelihood = [] if validated or not found else [n for n in _LIKELIHOODS if n in by_name]
    return [*found, *likelihood]


def _parts(trained: Sequence[str], by_name: Mapping[str, Sequence[Curve]]) -> list[list[str]]:
    """Group what only training has and is of one order of magnitude: the parts of its loss."""
    alone = [name for name in trained if {c.split for c in by_name[name]} == {"train"}]
    largest = [max((abs(v) for c in by_name[n] for v in c.finite), default=0.0) for n in alone]
    fit = 1 < len(alone) <= MOST_LINES and max(largest) <= _ALIKE * min(largest)
    together = alone if fit else []
    rest = [[name] for name in trained if name not in together]
    return [*([together] if together else []), *rest]


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
        return "main metrics"
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(_stem(name), []).append(name)
    first = _common_start(next(iter(families.values())))
    return first if len(families) == 1 else f"{first} and others"


def _common_start(names: Sequence[str]) -> str:
    """Return `f1` for f1 and f1_macro, `ar` for ar1, ar10 and ar100."""
    first, last = min(names), max(names)  # sorted: what the first and last share, all share
    pairs = zip(first, last, strict=False)
    length = next((i for i, (a, b) in enumerate(pairs) if a != b), len(first))
    start = first[:length]
    if any(name[len(start) :][:1].isdigit() for name in names):
        start = start.rstrip("0123456789")
    return start.rstrip("_")
