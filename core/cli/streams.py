"""Output errors do not stop the work: a closed stream, a closed pipe, a full disk."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

_NOBODY_READS = (errno.EPIPE, errno.EBADF, errno.ECONNRESET, errno.EINVAL)


class _Kept(io.FileIO):
    """A file whose writes never fail; after the first error, which is kept, output is dropped."""

    error: OSError | None = None

    def write(self, data: Any) -> int:
        if self.error is None:
            try:
                return super().write(data)
            except OSError as error:
                self.error = error
        return len(memoryview(data).cast("B"))


@contextlib.contextmanager
def kept() -> Iterator[Callable[[], str]]:
    """Let the block write to stdout and stderr even if they fail.

    Streams that replace the process's own, as in tests, are left alone.

    Yields:
        a function that returns the error of stdout; empty if there was none or the reader closed
        the pipe.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    raw, sys.stdout = _kept(sys.stdout, sys.__stdout__, 1)
    _, sys.stderr = _kept(sys.stderr, sys.__stderr__, 2)

    def problem() -> str:
        sys.stdout.flush()
        if raw is None or raw.error is None or raw.error.errno in _NOBODY_READS:
            return ""
        return f"cannot write to stdout: {raw.error.strerror}"

    try:
        yield problem
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if None not in before:  # otherwise there is nothing to restore
            sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Open the null device for closed standard streams, so that no file gets their number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _kept(stream: Any, own: Any, number: int) -> tuple[_Kept | None, Any]:
    if stream is not own:
        return None, stream
    if stream is not None:
        with contextlib.suppress(OSError):
            stream.flush()
    raw = _Kept(number, "wb", closefd=False)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    errors = getattr(stream, "errors", None) or "strict"
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="backslashreplace" if errors == "strict" else errors,  # names of any bytes
        line_buffering=number == 2 or raw.isatty(),
    )
    return raw, text
