"""Runs as processes of this machine, which end with the process that started them."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence

from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.machine.parent import end_with_parent


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalJob(Job):
    """A child process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ended(self) -> str | None:
        code = self._process.poll()
        if code is None:
            return None
        return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def stop(self) -> None:
        self._process.terminate()


class LocalLauncher(Launcher):
    """Starts one process at a time, or `jobs`, which share the cores."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Job]:
        environment = dict(os.environ)
        if self.at_once > 1:
            environment["OMP_NUM_THREADS"] = str(max(cores() // self.at_once, 1))
        return [LocalJob(_started(command, environment)) for command in commands]


def _started(command: Command, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with (command.folder / "launcher.txt").open("wb") as log:
        return subprocess.Popen(
            command.words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=end_with_parent,
        )
