"""Interleaved timing of calls, and the table of their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
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
    calls: Mapping[str, Callable[[], Any]], *, rounds: int = 7, most_seconds: float = 20.0
) -> dict[str, float]:
    """Return the median time of each call in seconds.

    Each round times every call once, so that other load on the machine affects all alike. A call
    that has used `most_seconds` is skipped in later rounds. Each timed call follows an untimed one,
    because a pause has a cost (cold caches, memory that a virtual machine reclaimed) that would
    count against the faster side, which pauses longer. Calls longer than `LONG` seconds need no
    warm-up.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    warm_up = {name: seconds_of(call) <= LONG for name, call in calls.items()}
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
    """

    op: str
    work: str
    ours: float
    peer: float
    peer_name: str
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return self.peer / self.ours

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return f">= {self.goal:.3g}x {'met' if self.ratio >= self.goal else 'MISSED'}"


def rows_of(case: Case, *, rounds: int = 7) -> list[Row]:
    """Time a case; return one row per peer and one for the reference."""
    times = medians(case.calls(), rounds=rounds)
    ours = times.pop("ours")
    return [
        Row(case.op, case.work, ours, seconds, NAMES.get(peer, peer), case.goals.get(peer))
        for peer, seconds in times.items()
    ]


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print ratios and goals; missed goals are marked."""
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
        )


def seconds(value: float) -> str:
    """Format a time: "1.25 s", "830 us"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size or unit == "us":
            return f"{value / size:.3g} {unit}"
    raise AssertionError


def ratio(value: float) -> str:
    """Format a ratio: "234x", "0.87x"."""
    return f"{value:.0f}x" if value >= 100 else f"{value:.3g}x"
