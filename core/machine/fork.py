"""A fork that Ctrl-C cannot disturb.

Python and its libraries have functions of their own that run before and after a fork. An error in
one of them is printed and forgotten, and so is a KeyboardInterrupt.
"""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_HELD = (signal.SIGINT, signal.SIGTERM)


def fork() -> int:
    """Copy this process; return the number of the copy, or 0 in the copy.

    SIGINT and SIGTERM that come meanwhile are handled afterwards. The copy goes on ignoring them
    until it chooses handlers of its own.

    Raises:
        OSError: the system forbids it.
    """
    with _signals_held(), warnings.catch_warnings():
        # Python warns that other threads do not exist in the copy. It needs none.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold signals back until the end of the block, in the process that entered it.

    A thread other than the main one is never interrupted, and cannot choose handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    owner = os.getpid()

    def hold(number: int, frame: Any) -> None:
        came.append(number)

    before = {number: signal.signal(number, hold) for number in _HELD}
    try:
        yield
    finally:
        if os.getpid() == owner:
            for number, handler in before.items():
                # None: a handler that Python has not set and cannot set again.
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            for held in came:
                signal.raise_signal(held)
