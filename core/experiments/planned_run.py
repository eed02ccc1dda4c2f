"""Many runs, each in its own process, several at a time; finished runs are not repeated."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nntasks.errors import Interrupted
from nntasks.machine.parent import end_with_parent
from nntasks.machine.program import child_command

_POLL = 0.05  # seconds


@dataclass(frozen=True)
class PlannedRun:
    """One run of a plan, finished or not.

    Attributes:
        name: its label in progress lines.
        task: name of the task.
        keys: the keys of the run, including the seed, as text.
        folder: the parent of this run's folder; no other run is written there.
    """

    name: str
    task: str
    keys: Mapping[str, str]
    folder: Path

    def finished(self) -> Path | None:
        """Return the folder of the finished run, if there is one."""
        return next((run for run in self._runs() if (run / "summary.json").is_file()), None)

    def command(self) -> list[str]:
        """Return the command that starts the run, or resumes it."""
        started = self._runs()
        if started:
            return child_command(["run", "--resume", str(started[-1]), "--json"])
        keys = [f"{key}={value}" for key, value in self.keys.items()]
        return child_command(["run", self.task, *keys, "--out", str(self.folder), "--json"])

    def problem(self) -> str:
        """Return the last line that a failed run wrote."""
        lines = (self.folder / "stderr.txt").read_text(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("nntasks: ") if lines else "it printed no error"

    def histories(self) -> list[Path]:
        """Return the metrics files of the run, which grow while it runs."""
        return [file for run in self._runs() if (file := run / "metrics.jsonl").is_file()]

    def _runs(self) -> list[Path]:
        parent = self.folder / self.task
        found = parent.glob("[!.]*/config.yaml") if parent.is_dir() else ()
        return sorted({config.parent.resolve() for config in found})


def folder_name(text: str) -> str:
    """Return `text` as a valid folder name."""
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", text).strip("._")[:80] or "variant"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def execute(
    runs: Sequence[PlannedRun],
    *,
    jobs: int,
    lock: int,
    finished: Callable[[PlannedRun, int], None],
) -> None:
    """Execute planned runs, `jobs` at a time.

    Args:
        runs: in the order in which they start.
        jobs: the number of runs at a time; they share the cores.
        lock: a descriptor that the processes inherit (see `nntasks.storage.locks.held`).
        finished: called with each run and its exit code when it ends.

    Raises:
        Interrupted: on Ctrl-C or SIGTERM, after the runs have written checkpoints.
    """
    waiting = deque(runs)
    running: dict[subprocess.Popen[bytes], PlannedRun] = {}
    with stoppable():
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    run = waiting.popleft()
                    running[start(run.command(), run.folder, jobs, lock)] = run
                for process in [p for p in running if p.poll() is not None]:
                    finished(running.pop(process), process.returncode)
                time.sleep(_POLL)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; repeat the command to continue") from None
        finally:
            stop(running)


def start(command: Sequence[str], folder: Path, jobs: int, lock: int) -> subprocess.Popen[bytes]:
    """Start a run with stderr in `folder`/stderr.txt; the run stops if this process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if jobs > 1:
        environment["OMP_NUM_THREADS"] = str(max(cores() // jobs, 1))
    with (folder / "stderr.txt").open("wb") as stderr:
        return _process(command, environment, stderr, lock)


def _process(
    command: Sequence[str], environment: Mapping[str, str], stderr: IO[bytes], lock: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=(lock,),
        preexec_fn=end_with_parent,
    )


def stop(processes: Any) -> None:
    """Send SIGTERM to processes, which then save checkpoints, and wait until they end."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt, as Ctrl-C does."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
