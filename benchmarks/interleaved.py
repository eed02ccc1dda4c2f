"""Timing calls side by side: they take turns, so that whatever else the machine does hits all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


def medians(
    calls: Mapping[str, Callable[[], Any]], *, rounds: int = 7, most_seconds: float = 20.0
) -> dict[str, float]:
    """Return the median time of each call in seconds.

    Every call is warmed up once. In each round every call has its turn; one that has used
    `most_seconds` sits the later rounds out.
    """
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            if sum(times[name]) < most_seconds:
                start = time.perf_counter()
                call()
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


@dataclass(frozen=True)
class Row:
    """One line of a table of ratios.

    Attributes:
        work: what was computed.
        ours, peer: seconds.
        peer_name: what ours is compared with.
        goal: the least ratio peer / ours that is wanted; None where none is.
    """

    work: str
    ours: float
    peer: float
    peer_name: str
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return self.peer / self.ours


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print ratios beside their goals; a goal that is missed says so."""
    print(f"\n{title}")
    print(f"  {'work':<34} {'ours':>10} {'peer':>10} {'ratio':>8}  goal")
    for row in rows:
        goal = ""
        if row.goal is not None:
            goal = f">= {row.goal:g}  {'met' if row.ratio >= row.goal else 'MISSED'}"
        print(
            f"  {row.work:<34} {_time(row.ours):>10} {_time(row.peer):>10} {row.ratio:>7.1f}x"
            f"  {goal:<16} against {row.peer_name}"
        )


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
