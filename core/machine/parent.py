"""Processes that end with the one that started them, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from nntasks.errors import Interrupted

LAUNCHER = "NNTASKS_LAUNCHER"  # "PROCESS FOLDER" of the launcher that started this process
_PARENT_DIED = 1  # PR_SET_PDEATHSIG of prctl(2)


def end_with_parent() -> None:
    """Have this process get SIGTERM when its parent has ended (on Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)


def obey_launcher() -> None:
    """End with the launcher, if one started this process.

    Raises:
        Interrupted: the launcher has ended already.
    """
    process, _, _ = os.environ.get(LAUNCHER, "").partition(" ")
    if process:
        end_with_parent()
        if os.getppid() != int(process):
            raise Interrupted("the process that started this one has ended")


def report_to_launcher(line: str, code: int) -> bool:
    """Leave an error to the launcher, which prints it once; return whether there is one."""
    _, _, folder = os.environ.get(LAUNCHER, "").partition(" ")
    if not folder:
        return False
    try:
        file = Path(folder) / f"error-{os.environ.get('RANK', '0')}"
        file.write_text(f"{code} {line}", encoding="utf-8", errors="backslashreplace")
    except OSError:
        return False
    return True
