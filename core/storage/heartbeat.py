"""Signs of life: a file that its owner touches, and its age by the file system's own clock.

Whoever looks may be another machine, with another clock. So the age is the difference between two
times of the file system: of the last touch, and of a file that is touched now.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from nntasks.errors import UsageError

VARIABLE = "NNTASKS_CLAIM_SECONDS"
_SECONDS = 60.0  # NFS keeps the times of a file for as long as that
_BEATS = 6  # touches in that time


def seconds() -> float:
    """Return after how many seconds without a sign of life an owner counts as dead.

    Raises:
        UsageError: the variable NNTASKS_CLAIM_SECONDS holds no number of at least 1.
    """
    text = os.environ.get(VARIABLE, "").strip() or str(_SECONDS)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value < 1e9:
        raise UsageError(f"{VARIABLE}: expected a number of seconds from 1, got {text:.40}")
    return value


def age(file: Path) -> float:
    """Return the seconds since a file was touched; infinite if it does not exist.

    Raises:
        OSError: its folder cannot be written.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY)  # opening asks an NFS server for the true times
    except FileNotFoundError:
        return float("inf")
    try:
        touched = os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    return max(_now(file.parent) - touched, 0.0)


def _now(folder: Path) -> float:
    probe = folder / f".{secrets.token_hex(6)}.tmp"
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    try:
        os.utime(probe)
        return os.stat(probe).st_mtime
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


class Heartbeat:
    """Touches a file from a thread until it is stopped or the process ends, however it ends.

    Args:
        target: the file, or a descriptor of it, which a renamed folder leaves valid.
        lost: returns whether the file has a new owner; asked before each touch.
        on_loss: called once, in the thread, if it has.
    """

    def __init__(
        self,
        target: Path | int,
        lost: Callable[[], bool] = lambda: False,
        on_loss: Callable[[], None] = lambda: None,
    ) -> None:
        self._target = target
        self._lost = lost
        self._on_loss = on_loss
        self._pause = seconds() / _BEATS
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop touching the file; it is not touched any more when this returns."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._pause):
            if self._lost():
                self._on_loss()
                return
            with contextlib.suppress(OSError):  # a server that is away may come back in time
                os.utime(self._target)
