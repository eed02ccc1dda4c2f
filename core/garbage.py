"""Keep the cyclic garbage collector away from where it has nothing to find.

Objects made by an import live as long as the process. Collections while torch is imported take a
fifth of the import's time, and the last one, when the process ends, takes longer than its output
took to write.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Collect nothing meanwhile; afterwards the collector is on if it was on before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def skip_at_exit() -> None:
    """Have the interpreter's shutdown look for no cycles: the system takes all memory back.

    Exit handlers and threads end as ever. What is in no cycle is freed and closed as ever.
    """
    atexit.unregister(gc.freeze)  # once is enough
    atexit.register(gc.freeze)
