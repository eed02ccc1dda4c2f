"""Read many inputs, and notice everything that is neither data nor one line of ours."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from fuzz.reading import Reader, readers

from nntasks.errors import NNTasksError

_SECONDS = 30
MACHINE = 256 * 2**20  # bytes that the machine has free, as pictures are told
_MEMORY = 512 * 1024  # KiB that one input may add
Result = tuple[str, Counter[str], list[str]]


class _TooLong(BaseException):
    """One input took more than its time."""


class _Terminal:
    """What reaches the terminal meanwhile: lines of libraries, since ours are logged."""

    def __init__(self, caught) -> None:
        self._file, self._said = caught, 0

    def words(self) -> str:
        sys.stderr.flush()
        self._file.seek(self._said)
        words = self._file.read()
        self._said += len(words)
        return words.decode(errors="replace").strip()


@contextlib.contextmanager
def _terminal() -> Iterator[_Terminal]:
    with tempfile.TemporaryFile() as caught:
        kept = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield _Terminal(caught)
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _outcome(read: Reader, seed: int, folder: Path) -> tuple[str, str]:
    """Return "read" or "refused", and what is wrong with it, or ""."""
    try:
        fault = read(seed, folder)
    except NNTasksError as error:
        wrong = error.exit_code not in range(1, 6) or "\n" in str(error)
        return "refused", f"message {error!s:.300}" if wrong else ""
    except (Exception, _TooLong) as error:
        return "refused", f"{type(error).__name__}: {error!s:.300}"
    return "read", fault


def _stop(*_: object) -> None:
    raise _TooLong(f"more than {_SECONDS} s")


def fuzz(job: tuple[str, int, int]) -> Result:
    """Read `count` inputs of one kind, from seed `first` on."""
    name, count, first = job
    read = readers()[name][1]
    became, faults = Counter[str](), []
    with (
        tempfile.TemporaryDirectory() as folder,
        _terminal() as terminal,
        warnings.catch_warnings(record=True) as told,
    ):
        warnings.simplefilter("always")
        for seed in range(first, first + count):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            signal.setitimer(signal.ITIMER_REAL, _SECONDS)
            verdict, fault = _outcome(read, seed, Path(folder))
            signal.setitimer(signal.ITIMER_REAL, 0)
            became[verdict] += 1
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            words = terminal.words() or " ".join(str(warning.message) for warning in told)
            told.clear()
            fault = fault or (f"on the terminal: {words[:300]}" if words else "")
            fault = fault or (f"{grown // 1024} MiB of memory" if grown > _MEMORY else "")
            if fault:
                faults.append(f"{name}, seed {seed}: {' '.join(fault.split())}")
    return name, became, faults


def prepare() -> None:
    """Take our own warnings from the terminal; tell pictures of a small machine."""
    ours = logging.getLogger("nntasks")
    ours.addHandler(logging.NullHandler())
    ours.propagate = False
    signal.signal(signal.SIGALRM, _stop)
    mock.patch("nntasks.pictures.opening.free_memory", return_value=MACHINE).start()
