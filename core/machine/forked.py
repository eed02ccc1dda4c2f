"""Parallel work in forked copies of this process."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Return the number of cores this process may use, limited by `OMP_NUM_THREADS`."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, max(int(limit), 1)) if limit.isdecimal() else cores


def map_forked(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function(item)` for each item, in order, computed on all cores.

    This pays off for work of some tenths of a second or more. The function must be importable by
    name and return a picklable result. It must not use torch, whose threads do not survive a fork.
    With a single core, or where processes cannot fork, the items are processed in sequence.
    """
    cores = min(usable_cores(), len(items))
    if cores < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return [function(item) for item in items]
    try:
        pool = multiprocessing.get_context("fork").Pool(cores, _leave_signals_to_the_parent)
    except OSError:  # a sandbox may forbid semaphores or new processes
        return [function(item) for item in items]
    with pool:
        return pool.map(function, items, chunksize=max(len(items) // (4 * cores), 1))


def _leave_signals_to_the_parent() -> None:
    """Ignore Ctrl-C, which reaches all processes, and exit on the parent's SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
