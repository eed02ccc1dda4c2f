"""Differences of results from the first one on the same resamples: as a table, and plain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nntasks.interfaces.report_data import Table
from nntasks.statistics.bootstrap import Difference, Replicates

BETTER = "Where the interval excludes 0, one is better than the other on samples like these."
Known = Mapping[str, Mapping[str, Replicates]]  # by result and number


def differences(known: Known) -> Iterator[tuple[str, str, Difference]]:
    """Yield (result, number, difference) of all results but the first."""
    first, *others = known
    for name in others:
        for number, one in known[name].items():
            if number in known[first]:
                yield name, number, one.difference(known[first][number])


def difference_table(known: Known, name: str, title: str) -> Table:
    """Return the differences as a table."""
    first = next(iter(known))
    rows = [(f"{one} - {first}", number, *found) for one, number, found in differences(known)]
    columns = ("found", "number", "difference", "low", "high", "p")
    return Table(name, title, columns, rows, BETTER)


def difference_details(known: Known, name: str) -> dict[str, Any]:
    """Return "compared_with" and "differences" of one result; empty for the first."""
    first = next(iter(known))
    if name == first:
        return {}
    pair = {first: known[first], name: known[name]}
    return {
        "compared_with": first,
        "differences": {number: plain(found) for _, number, found in differences(pair)},
    }


def plain(found: Difference) -> dict[str, float]:
    """Return "difference", "low", "high" and "p" by name."""
    return dict(zip(("difference", "low", "high", "p"), found, strict=True))
