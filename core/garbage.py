"""Keep the cyclic garbage collector away from where it has nothing to find.

Objects made by an import live as long as the process. Collections while torch is imported take a
fifth of the import's time, each full one afterwards a fifth of a second, and the last one, when the
process ends, twice that.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator

_own_process = False


def own_process() -> None:
    """Say that this process runs nntasks alone, so that what it imports need not be looked at.

    In a program that uses nntasks, collections stay as they are. At the end, too, the interpreter
    then looks for no cycles: the system takes all memory back. Exit handlers and threads end as
    ever, and what is in no cycle is freed and closed.
    """
    global _own_process
    _own_process = True
    atexit.unregister(gc.freeze)  # once is enough
    atexit.register(gc.freeze)


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Collect nothing within the block: what it makes stays until later."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Collect nothing within the block, and in a process of our own nothing of it afterwards."""
    try:
        with paused():
            yield
    finally:
        if _own_process:
            gc.freeze()
