"""A command that a cluster's process runs as its child, and stops politely.

The cluster gets this file by value, so that it needs no `nntasks` where it unpacks its work. It
imports nothing but the standard library for that.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence

_POLL = 0.2  # seconds
_LAUNCHER = "NNTASKS_LAUNCHER"  # as in `nntasks.machine.parent`: the child ends with its parent


class Following:
    """Runs a command and waits for it.

    Args:
        words: the program and its arguments.
        log: the file that gets what it prints.
    """

    def __init__(self, words: Sequence[str], log: str) -> None:
        self.words = list(words)
        self.log = log
        self.process = 0

    def __call__(self) -> int:
        """Return the exit code of the command; a KeyboardInterrupt stops it first."""
        environment = {**os.environ, _LAUNCHER: f"{os.getpid()} "}
        with open(self.log, "ab") as log:
            child = subprocess.Popen(
                self.words, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.process = child.pid
        try:
            while child.poll() is None:
                time.sleep(_POLL)
        except BaseException:
            self.stop()
            raise
        return int(child.returncode)

    def stop(self) -> None:
        """Let the command write a checkpoint and end; also from a signal handler."""
        if self.process:
            try:
                os.kill(self.process, 15)
                # Not through the child's object, which the interrupted code may have locked.
                while not os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    time.sleep(_POLL)
            except (ProcessLookupError, ChildProcessError):
                pass  # it has ended
        self.process = 0


def follow(command: Following) -> int:
    """Run a command; a function, as some clusters take nothing else."""
    return command()
