"""Child processes that end when their parent ends, for whatever reason."""

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
    """Ask Linux to send this process SIGTERM when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGTERM)


def obey_launcher() -> None:
    """Make this process end with the launcher that started it, if any.

    Raises:
        Interrupted: the launcher has already ended.
    """
    process, _, _ = os.environ.get(LAUNCHER, "").partition(" ")
    if process:
        end_with_parent()
        if os.getppid() != int(process):
            raise Interrupted("the process that started this one has ended")


def report_to_launcher(line: str, code: int) -> bool:
    """Pass an error to the launcher, which prints it once; return whether there is a launcher."""
    _, _, folder = os.environ.get(LAUNCHER, "").partition(" ")
    if not folder:
        return False
    try:
        file = Path(folder) / f"error-{os.environ.get('RANK', '0')}"
        file.write_text(f"{code} {line}", encoding="utf-8", errors="backslashreplace")
    except OSError:
        return False
    return True
