"""A copy of this process that gets ready for a piece of work before its data are known.

While this process does something else, the copy imports what the work needs, on another core.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import tempfile
import weakref
from collections.abc import Callable
from typing import IO, Any

from nntasks.machine.fork import fork
from nntasks.machine.forked import live_as_a_copy, usable_cores
from nntasks.machine.remarks import say_again

_GO = b"1"


class Ahead:
    """A forked copy of this process that computes one call.

    What the copy cannot compute (it is killed, its result cannot be pickled, the function raises)
    is computed by this process, and so is everything with a single core or without forks. What the
    copy warned of and logged is said again by this process.

    Args:
        prepare: what the copy does first; if it raises, the copy goes on.
    """

    def __init__(self, prepare: Callable[[], object]) -> None:
        self._call: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
        self._copy = _Copy.of(prepare) if hasattr(os, "fork") and usable_cores() > 1 else None
        if self._copy is not None:
            self._end = weakref.finalize(self, self._copy.end)

    def begin(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Give the copy its call: a function of a module and arguments that can be pickled."""
        self._call = function, arguments
        if self._copy is not None and not self._copy.send(self._call):
            self._leave()

    def result(self) -> Any:
        """Wait for the result of the call, once; the copy has ended then.

        Raises:
            RuntimeError: there was no call.
        """
        if self._call is None:
            raise RuntimeError("expected a call before its result is asked for")
        found = self._copy.received() if self._copy is not None else None
        self._leave()
        if found is not None:
            return found[0]
        function, arguments = self._call
        return function(*arguments)

    def _leave(self) -> None:
        if self._copy is not None:
            self._end()
            self._copy = None


class _Copy:
    """The copy as its parent sees it.

    Calls and results lie in files, so that neither process waits for the other to read; a byte in
    a pipe says that one is complete.
    """

    def __init__(self, process: int, files: tuple[IO[bytes], IO[bytes]], ends: tuple[int, int]):
        self._process, self._owner = process, os.getpid()
        self._call, self._found = files
        self._tell, self._told = ends

    @classmethod
    def of(cls, prepare: Callable[[], object]) -> _Copy | None:
        """Start a copy; None where the system forbids it."""
        try:
            files = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        except OSError:
            return None
        (listen, tell), (told, answer) = os.pipe(), os.pipe()
        try:
            process = fork()
        except OSError:
            for end in (listen, tell, told, answer):
                os.close(end)
            return None
        if process:
            os.close(listen)
            os.close(answer)
            return cls(process, files, (tell, told))
        try:
            os.close(tell)
            os.close(told)
            _serve(prepare, files, listen, answer)
        finally:
            os._exit(0)  # the parent's exit handlers and open files are not the copy's

    def send(self, call: Any) -> bool:
        """Pass a call on; return whether that worked."""
        with contextlib.suppress(Exception):  # it cannot be pickled, the disk is full, it has ended
            pickle.dump(call, self._call, pickle.HIGHEST_PROTOCOL)
            self._call.flush()
            os.write(self._tell, _GO)
            return True
        return False

    def received(self) -> tuple[Any] | None:
        """Wait for the result; None if there will be none."""
        if os.read(self._told, 1) != _GO:
            return None
        with contextlib.suppress(Exception):  # a class refuses to be unpickled
            self._found.seek(0)
            result, remarks = pickle.load(self._found)
            say_again(remarks)
            return (result,)
        return None

    def end(self) -> None:
        """End the process and close what belongs to it; a copy of the parent leaves it alone."""
        if os.getpid() != self._owner:
            return
        for file in (self._call, self._found):
            file.close()
        os.close(self._tell)
        os.close(self._told)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._process, 0)


def _serve(
    prepare: Callable[[], object], files: tuple[IO[bytes], IO[bytes]], listen: int, answer: int
) -> None:
    """Get ready, wait for a call, and write its result: what the copy does."""
    remarks = live_as_a_copy()
    with contextlib.suppress(Exception):
        prepare()
    if os.read(listen, 1) != _GO:
        return
    call, found = files
    with contextlib.suppress(Exception):  # the parent computes it again
        call.seek(0)
        function, arguments = pickle.load(call)
        result = function(*arguments)
        pickle.dump((result, remarks.taken()), found, pickle.HIGHEST_PROTOCOL)
        found.flush()
        os.write(answer, _GO)
