"""Parallel work in forked copies of this process."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nntasks.machine.parent import end_with_parent

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


def map_forked(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    failed: Callable[[Item, Exception], Result] | None = None,
) -> list[Result]:
    """Return `function(item)` for each item, in order, computed on all cores.

    This pays off for work of some tenths of a second or more. Every copy of the process takes every
    n-th item, and this process takes its share, too. Only results come back: what the function
    changes in a copy is lost. An item that a copy cannot compute (the function raises, its result
    cannot be pickled, the copy is killed, a device does not survive the fork) is computed again in
    this process. With a single core, or where processes cannot fork, all items are.

    Args:
        function: computes an item. Torch runs with one thread in the copies.
        items: the items.
        failed: the result of an item for which the function raises in this process; without it
            the error is raised.
    """
    results: dict[int, Result] = {}
    shares = [range(n, len(items), cores) for cores in [_cores(len(items))] for n in range(cores)]
    with contextlib.ExitStack() as copies:
        started = [
            copies.enter_context(_Copy.computing(function, items, share)) for share in shares[1:]
        ]
        for index in shares[0] if shares else ():
            results[index] = _here(function, items[index], failed)
        for copy in started:
            results.update(copy.results())
    missing = [index for index in range(len(items)) if index not in results]
    results.update((index, _here(function, items[index], failed)) for index in missing)
    return [results[index] for index in range(len(items))]


def _cores(items: int) -> int:
    return min(usable_cores() if hasattr(os, "fork") else 1, items)


def _here(
    function: Callable[[Item], Result],
    item: Item,
    failed: Callable[[Item, Exception], Result] | None,
) -> Result:
    try:
        return function(item)
    except Exception as error:
        if failed is None:
            raise
        return failed(item, error)


@dataclass(frozen=True)
class _Copy:
    """A forked copy of this process that computes some items: its number and its pipe.

    A copy that could not be started has process 0 and no results.
    """

    process: int
    pipe: int

    @classmethod
    @contextlib.contextmanager
    def computing(
        cls, function: Callable[[Any], Any], items: Sequence[Any], share: range
    ) -> Iterator[_Copy]:
        """Start a copy; it has ended when the block is left."""
        copy = cls(*_fork(function, items, share))
        try:
            yield copy
        finally:
            if copy.process:
                os.close(copy.pipe)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(copy.process, signal.SIGKILL)
                os.waitpid(copy.process, 0)

    def results(self) -> dict[int, Any]:
        """Wait for the copy; return its results by index, without those it could not compute."""
        if not self.process:
            return {}
        with open(self.pipe, "rb", closefd=False) as pipe:
            data = pipe.read()
        found = {}
        with contextlib.suppress(
            Exception
        ):  # the copy was killed, or a class refuses to be unpickled
            for index, result in pickle.loads(data).items():
                found[index] = pickle.loads(result)
        return found


def _fork(function: Callable[[Any], Any], items: Sequence[Any], share: range) -> tuple[int, int]:
    """Return the process number of a new copy and the pipe its results come from, or (0, -1)."""
    reading, writing = os.pipe()
    try:
        with warnings.catch_warnings():
            # Python warns that other threads do not exist in the copy. It needs none.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
    except OSError:  # a sandbox may forbid new processes
        os.close(reading)
        os.close(writing)
        return 0, -1
    if process:
        os.close(writing)
        return process, reading
    try:
        os.close(reading)
        _live_as_a_copy()
        _send(writing, _computed(function, items, share))
    finally:
        os._exit(0)  # the parent's exit handlers and open files are not the copy's


def _live_as_a_copy() -> None:
    """Leave signals, messages and threads to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what fails here is computed and reported by the parent
        os.dup2(nothing, stream)
    if "torch" in sys.modules:  # its threads do not survive a fork
        sys.modules["torch"].set_num_threads(1)


def _computed(
    function: Callable[[Any], Any], items: Sequence[Any], share: range
) -> dict[int, bytes]:
    found = {}
    for index in share:
        with contextlib.suppress(Exception):  # the parent computes it again
            found[index] = pickle.dumps(function(items[index]), pickle.HIGHEST_PROTOCOL)
    return found


def _send(pipe: int, found: dict[int, bytes]) -> None:
    with open(pipe, "wb") as file, contextlib.suppress(OSError):  # the parent no longer reads
        pickle.dump(found, file, pickle.HIGHEST_PROTOCOL)
