"""Parallel work in forked copies of this process."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nntasks.machine.fork import fork
from nntasks.machine.parent import end_with_parent
from nntasks.machine.remarks import Remarks, say_again

Item = TypeVar("Item")
Result = TypeVar("Result")

_NUMBER = 4  # bytes of the number of an item in a pipe
_MOST_TAKES = 1000  # their numbers fit into any pipe, so that writing them never waits


def allowed_cores() -> int:
    """Return the number of cores that the system lets this process run on."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def usable_cores() -> int:
    """Return the number of cores this process may use, limited by `OMP_NUM_THREADS`."""
    cores = allowed_cores()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, max(int(limit), 1)) if limit.isdecimal() else cores


def map_forked(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    failed: Callable[[Item, Exception], Result] | None = None,
) -> list[Result]:
    """Return `function(item)` for each item, in order, computed on all cores.

    This pays off for work of some tenths of a second or more. Every process takes the next item
    when it has finished one, so long ones should come first; this process takes its share, too.
    Only results come back: what the function changes or prints in a copy is lost, but warnings and
    log messages are said again by this process. An item that a copy cannot compute (the function
    raises, its result cannot be pickled, the copy is killed, a device does not survive the fork) is
    computed again in this process. With a single core, or where processes cannot fork, all are.

    Args:
        function: computes an item. Torch, OpenMP and the BLAS have one thread in the copies.
        items: the items.
        failed: the result of an item for which the function raises in this process; without it
            the error is raised.
    """
    results: dict[int, Result] = {}
    cores = _cores(len(items))
    with contextlib.ExitStack() as open_ones:
        shares = open_ones.enter_context(_shared_out(len(items), cores))
        copies = [
            open_ones.enter_context(_Copy.computing(function, items, share)) for share in shares[1:]
        ]
        for index in shares[0]:
            results[index] = _here(function, items[index], failed)
        for copy in copies:
            results.update(copy.results())
    missing = [index for index in range(len(items)) if index not in results]
    results.update((index, _here(function, items[index], failed)) for index in missing)
    return [results[index] for index in range(len(items))]


@contextlib.contextmanager
def _shared_out(count: int, cores: int) -> Iterator[list[Iterator[int]]]:
    """Yield an iterator for each process over the numbers of its items.

    Each starts with a number of its own. The others stand in one pipe, from which whoever is free
    takes the next.
    """
    size = -(-count // _MOST_TAKES)  # items that are taken at once
    reading, writing = os.pipe()
    starts = range(cores, count, max(size, 1))
    os.write(writing, b"".join(start.to_bytes(_NUMBER, "little") for start in starts))
    os.close(writing)

    def taken(first: int) -> Iterator[int]:
        if first < count:
            yield first
        while number := os.read(reading, _NUMBER):
            start = int.from_bytes(number, "little")
            yield from range(start, min(start + size, count))

    try:
        yield [taken(first) for first in range(max(cores, 1))]
    finally:
        os.close(reading)


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
        cls, function: Callable[[Any], Any], items: Sequence[Any], share: Iterator[int]
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
        """Wait for the copy; return its results by index, without those it could not compute.

        What it warned of and logged meanwhile is said.
        """
        if not self.process:
            return {}
        with open(self.pipe, "rb", closefd=False) as pipe:
            data = pipe.read()
        try:
            results, remarks = pickle.loads(data)
        except (EOFError, pickle.UnpicklingError):  # killed before it had sent all
            return {}
        found = {}
        with contextlib.suppress(Exception):  # a class refuses to be unpickled
            for index, result in results.items():
                found[index] = pickle.loads(result)
        say_again(pickle.loads(remark) for remark in remarks)
        return found


def _fork(
    function: Callable[[Any], Any], items: Sequence[Any], share: Iterator[int]
) -> tuple[int, int]:
    """Return the process number of a new copy and the pipe its results come from, or (0, -1)."""
    reading, writing = os.pipe()
    try:
        process = fork()
    except OSError:  # a sandbox may forbid new processes
        os.close(reading)
        os.close(writing)
        return 0, -1
    if process:
        os.close(writing)
        return process, reading
    try:
        os.close(reading)
        remarks = live_as_a_copy()
        found = _computed(function, items, share)
        _send(writing, found, _pickled(remarks.taken()))
    finally:
        os._exit(0)  # the parent's exit handlers and open files are not the copy's


def live_as_a_copy() -> Remarks:
    """Leave signals, messages and threads to the parent; return what keeps this copy's messages."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what fails here is computed and reported by the parent
        os.dup2(nothing, stream)
    # The threads of torch, OpenMP and the BLAS do not survive a fork, and would be waited for.
    if "threadpoolctl" in sys.modules:
        sys.modules["threadpoolctl"].threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    remarks = Remarks()
    remarks.listen()
    return remarks


def _computed(
    function: Callable[[Any], Any], items: Sequence[Any], share: Iterator[int]
) -> dict[int, bytes]:
    found = {}
    for index in share:
        with contextlib.suppress(Exception):  # the parent computes it again
            found[index] = pickle.dumps(function(items[index]), pickle.HIGHEST_PROTOCOL)
    return found


def _pickled(remarks: Sequence[Any]) -> list[bytes]:
    """Return those that can be pickled; a warning may have a class that cannot."""
    found = []
    for remark in remarks:
        with contextlib.suppress(Exception):
            found.append(pickle.dumps(remark))
    return found


def _send(pipe: int, found: dict[int, bytes], remarks: list[bytes]) -> None:
    with open(pipe, "wb") as file, contextlib.suppress(OSError):  # the parent no longer reads
        pickle.dump((found, remarks), file, pickle.HIGHEST_PROTOCOL)
