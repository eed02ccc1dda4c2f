"""How a process ends: as any Python program, or at once after it shared a run with others.

torch's process groups have threads that take the interpreter's lock when they finish. If Python is
already shutting down, it ends such a thread by unwinding its C++ frames, which C++ answers with
`abort`: now and then a process whose work was done and written ended with SIGABRT, and its launcher
stopped the others. So a process that has been in a group skips the interpreter's shutdown: it runs
the exit handlers, writes out its streams and ends.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import NoReturn

_in_group = False


def joined_group() -> None:
    """Remember that this process is or was in a process group of torch."""
    global _in_group
    _in_group = True


def end(code: int) -> NoReturn:
    """End this process with an exit code.

    Raises:
        SystemExit: the process was never in a group, so it ends as others do.
    """
    if not _in_group:
        sys.exit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed, or nobody reads
            stream.flush()
    os._exit(code)
