"""The available memory."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nntasks.errors import UsageError

_OF_MACHINE = Path("/proc/meminfo")
_OF_GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Return the available memory in bytes; None if the system does not report it.

    On Linux, the smaller of the machine's available memory and the rest of the control group's
    limit; elsewhere, the machine's unused pages.
    """
    left = [_machine_left(), _group_left()]
    known = [number for number in left if number is not None]
    return min(known) if known else None


def require(needed: int, what: str, advice: str) -> None:
    """Check before any work that enough memory is available.

    Args:
        needed: bytes.
        what: the cause, such as `hidden_sizes=10,10`.
        advice: what to do, such as "choose smaller layers".

    Raises:
        UsageError: names both sizes.
    """
    free = free_memory()
    if free is not None and needed > free:
        raise UsageError(
            f"{what} needs {needed / 2**30:,.1f} GiB of memory, and {free / 2**30:,.1f} GiB are "
            f"free; {advice}"
        )


def _machine_left() -> int | None:
    try:
        found = re.search(r"^MemAvailable: *(\d+) kB", _OF_MACHINE.read_text(), re.M)
        if found:
            return int(found[1]) * 1024
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def _group_left() -> int | None:
    try:
        most, used = (
            int((_OF_GROUP / name).read_text()) for name in ("memory.max", "memory.current")
        )
    except (OSError, ValueError):  # no control group, or no limit ("max")
        return None
    return max(most - used, 0)
