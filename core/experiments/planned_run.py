"""Carrying out many runs, each a process of its own, some side by side; what is done stays done."""

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
class Cell:
    """One run that is wanted.

    Attributes:
        name: as it is told.
        task: name of the task.
        keys: `key=value` words of the run, the seed among them.
        folder: where this run alone is written.
    """

    name: str
    task: str
    keys: Mapping[str, str]
    folder: Path

    def finished(self) -> Path | None:
        """Return the folder of the finished run, if there is one."""
        return next((run for run in self._runs() if (run / "summary.json").is_file()), None)

    def command(self) -> list[str]:
        """Return the command that begins the run, or goes on with it."""
        begun = self._runs()
        if begun:
            return child_command(["run", "--resume", str(begun[-1]), "--json"])
        keys = [f"{key}={value}" for key, value in self.keys.items()]
        return child_command(["run", self.task, *keys, "--out", str(self.folder), "--json"])

    def problem(self) -> str:
        """Return the last line that a failed run wrote."""
        lines = (self.folder / "stderr.txt").read_text(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("nntasks: ") if lines else "it said nothing"

    def histories(self) -> list[Path]:
        """Return the files in which the run keeps its numbers, as they grow."""
        return [file for run in self._runs() if (file := run / "metrics.jsonl").is_file()]

    def _runs(self) -> list[Path]:
        parent = self.folder / self.task
        found = parent.glob("[!.]*/config.yaml") if parent.is_dir() else ()
        return sorted({config.parent.resolve() for config in found})


def folder_name(text: str) -> str:
    """Return a name for a folder that reads like `text`."""
    return re.sub(r"[^A-Za-z0-9=.+-]+", "_", text).strip("._")[:80] or "variant"


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def carry_out(
    cells: Sequence[Cell],
    *,
    jobs: int,
    lock: int,
    finished: Callable[[Cell, int], None],
) -> None:
    """Run the cells that are not finished, `jobs` at a time.

    Args:
        cells: what to run, in this order.
        jobs: how many at a time; more than one share the cores.
        lock: a descriptor that the processes inherit, see `nntasks.storage.locks.held`.
        finished: called with each cell and its exit code as it ends.

    Raises:
        Interrupted: on Ctrl-C or SIGTERM, after the runs have written checkpoints.
    """
    waiting = deque(cells)
    running: dict[subprocess.Popen[bytes], Cell] = {}
    with stoppable():
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    cell = waiting.popleft()
                    running[start(cell.command(), cell.folder, jobs, lock)] = cell
                for process in [p for p in running if p.poll() is not None]:
                    finished(running.pop(process), process.returncode)
                time.sleep(_POLL)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; the same command goes on") from None
        finally:
            stop(running)


def start(command: Sequence[str], folder: Path, jobs: int, lock: int) -> subprocess.Popen[bytes]:
    """Start a run whose words go to `stderr.txt` in a folder; it stops if this process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ)
    if jobs > 1:
        environment["OMP_NUM_THREADS"] = str(max(cores() // jobs, 1))
    with (folder / "stderr.txt").open("wb") as words:
        return _process(command, environment, words, lock)


def _process(
    command: Sequence[str], environment: Mapping[str, str], words: IO[bytes], lock: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=words,
        pass_fds=(lock,),
        preexec_fn=end_with_parent,
    )


def stop(processes: Any) -> None:
    """Let processes write their checkpoints and wait for them."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: raise KeyboardInterrupt."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
