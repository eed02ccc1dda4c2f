"""Limits of the process that runs a student's code.

They stop accidents: endless loops, memory that runs out, files that fill the disk, downloads. They
are no wall against an attacker: code in a process can reach everything that its user can.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass
from typing import Any

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # flags of unshare(2)
_LARGEST_FILE = 64 * 2**20
WAITING = 5  # times the processor time
_NETWORK_EVENTS = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto")
CLOSED = "no network interface (a network namespace of its own)"
REFUSED = "connections refused by Python; a compiled library could still make one"


@dataclass(frozen=True)
class Limits:
    """What a student's code may use.

    Attributes:
        seconds: of processor time for running the file, and again for each exercise.
        memory: GiB of data in memory.
    """

    seconds: float = 20.0
    memory: float = 2.0


def limit_memory_and_files(limits: Limits) -> None:
    """Limit this process's memory and the size of files that it writes."""
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _lower(resource.RLIMIT_CORE, 0)
    # On Linux the private writable memory counts, and not the libraries that are mapped.
    _lower(resource.RLIMIT_DATA, int(limits.memory * 2**30))


def _lower(which: int, value: int) -> None:
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    with contextlib.suppress(OSError, ValueError):  # a system that does not know the limit
        resource.setrlimit(which, (value, value))


def start_timer(seconds: float) -> None:
    """Let the system end this process, even inside compiled code.

    Processor time is limited, so that a busy machine does not cost a student points; of waiting
    it ends after five times as long.
    """
    for timer, ended_by, limit in (
        (signal.ITIMER_PROF, signal.SIGPROF, seconds),
        (signal.ITIMER_REAL, signal.SIGALRM, WAITING * seconds),
    ):
        signal.signal(ended_by, signal.SIG_DFL)
        signal.setitimer(timer, limit)


def stop_timer() -> None:
    """Stop the timers of `start_timer`."""
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


def close_network() -> str:
    """Take the network from this process; return what holds.

    Linux gives a process a network namespace with no interface, if it allows that. Everywhere
    Python's own sockets refuse to connect.
    """
    closed = _own_namespace()
    sys.addaudithook(_refuse)
    return CLOSED if closed else REFUSED


def _own_namespace() -> bool:
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    # Root may do without a user namespace; other users need one.
    flags = (_NEW_NETWORK,) if os.geteuid() == 0 else ()
    return any(library.unshare(flag) == 0 for flag in (*flags, _NEW_USER | _NEW_NETWORK))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK_EVENTS:
        raise PermissionError("network access is blocked while an exercise is graded")
