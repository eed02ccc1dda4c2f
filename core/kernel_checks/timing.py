"""Interleaved timing of calls, and the table of their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntasks.kernel_checks.inputs import Case

NAMES = {"python": "the Python reference"}
LONG = 1.0  # seconds


def seconds_of(call: Callable[[], Any]) -> float:
    """Return the duration of a call in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(
    calls: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 7,
    most_seconds: float = 20.0,
    first: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return the median time of each call in seconds.

    Each round times every call once, so that other load on the machine affects all alike. A call
    that has used `most_seconds` is skipped in later rounds. Each timed call follows an untimed one,
    because a pause has a cost (cold caches, memory that a virtual machine reclaimed) that would
    count against the faster side, which pauses longer. Calls longer than `LONG` seconds need no
    warm-up. `first` has the seconds of a first call of each, if they have been made.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    first = first or {name: seconds_of(call) for name, call in calls.items()}
    warm_up = {name: seconds <= LONG for name, seconds in first.items()}
    for _ in range(rounds):
        for name, call in calls.items():
            if sum(times[name]) < most_seconds:
                if warm_up[name]:
                    call()
                times[name].append(seconds_of(call))
    return {name: statistics.median(taken) for name, taken in times.items() if taken}


@dataclass(frozen=True)
class Row:
    """One line of a table of ratios.

    Attributes:
        op, work: the workload.
        ours, peer: seconds.
        peer_name: the peer.
        goal: the smallest wanted ratio peer / ours; None for no goal.
        differs: how the peer's result differs from ours; "" for not at all, None if not compared.
    """

    op: str
    work: str
    ours: float
    peer: float
    peer_name: str
    goal: float | None = None
    differs: str | None = None

    @property
    def ratio(self) -> float:
        return self.peer / self.ours

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return f">= {self.goal:.3g}x {'met' if self.ratio >= self.goal else 'MISSED'}"


def rows_of(case: Case, *, rounds: int = 7) -> list[Row]:
    """Compare the results of a case, then time it: one row per peer and one for the reference."""
    calls = case.calls()
    first, differs = _first_calls(case, calls)
    times = medians(calls, rounds=rounds, first=first)
    ours = times.pop("ours")
    return [
        Row(
            case.op,
            case.work,
            ours,
            seconds,
            NAMES.get(peer, peer),
            case.goals.get(peer),
            differs.get(peer),
        )
        for peer, seconds in times.items()
    ]


def _first_calls(
    case: Case, calls: Mapping[str, Callable[[], Any]]
) -> tuple[dict[str, float], dict[str, str | None]]:
    """Make every call once: return seconds, and how the results of the peers differ from ours.

    No result outlives this, so that large ones take no memory from the rounds.
    """
    seconds: dict[str, float] = {}
    differs: dict[str, str | None] = {}
    ours: Any = None
    for name, call in calls.items():
        start = time.perf_counter()
        result = call()
        seconds[name] = time.perf_counter() - start
        if name == "ours":
            ours = result
        elif case.compare is not None and name in case.peers:
            differs[name] = case.compare(ours, result)
        del result  # before the next one comes into being
    return seconds, differs


def left_out(cases: Iterable[Case], rows: Iterable[Row]) -> list[str]:
    """Return the peers of cases that no row has, because they are not installed."""
    timed = {row.peer_name for row in rows}
    return sorted({peer for case in cases for peer in case.peers} - timed)


def print_rows(title: str, rows: Sequence[Row], absent: Sequence[str] = ()) -> None:
    """Print ratios and goals; missed goals are marked, and peers that are absent are named."""
    print(f"\n{title}")
    if not rows:
        return
    wide = max(len(row.work) for row in rows)
    widest = max(len(row.op) for row in rows)
    goals = max(len(row.verdict) for row in rows)
    print(
        f"  {'op':<{widest}}  {'work':<{wide}} {'ours':>9} {'peer':>9} {'ratio':>7}  "
        f"{'goal' if goals else '':<{goals}}  against"
    )
    for row in rows:
        print(
            f"  {row.op:<{widest}}  {row.work:<{wide}} {seconds(row.ours):>9} "
            f"{seconds(row.peer):>9} {ratio(row.ratio):>7}  {row.verdict:<{goals}}  {row.peer_name}"
            f"{_compared_text(row)}"
        )
    if absent:
        print(f"\n  left out, as not installed: {'; '.join(absent)}")


def _compared_text(row: Row) -> str:
    if row.differs is None:
        return ""
    return f" ({row.differs or 'same result'})"


def seconds(value: float) -> str:
    """Format a time: "1.25 s", "830 us"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size or unit == "us":
            return f"{value / size:.3g} {unit}"
    raise AssertionError


def ratio(value: float) -> str:
    """Format a ratio: "234x", "0.87x"."""
    return f"{value:.0f}x" if value >= 100 else f"{value:.3g}x"
