"""Modules that are imported in a thread while this one computes.

An import needs Python's own lock most of the time, so this pays off beside compiled code that works
without it, such as the kernels of a training.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Iterator, Sequence

from nntasks.machine.forked import usable_cores

# One module at a time: threads that import modules of a package together can wait for each other.
_ONE = threading.RLock()

if hasattr(os, "register_at_fork"):
    # A copy of the process has no such thread, so that a module half imported would stay so.
    os.register_at_fork(
        before=_ONE.acquire, after_in_parent=_ONE.release, after_in_child=_ONE.release
    )


@contextlib.contextmanager
def importing_meanwhile(names: Sequence[str]) -> Iterator[None]:
    """Import modules, in order, in a thread while the block runs; the end waits for the thread.

    With a single core nothing is imported. Neither is a module that fails, so that whoever needs it
    gets the error.

    Args:
        names: full names of modules.
    """
    if usable_cores() < 2:
        yield
        return
    thread = threading.Thread(target=_import_all, args=(names,), name="nntasks-imports")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _import_all(names: Sequence[str]) -> None:
    for name in names:
        with _ONE, contextlib.suppress(Exception):
            importlib.import_module(name)
