"""`run --requeue`: a job that Slurm stops asks for itself again, and then goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nntasks.errors import Interrupted, UsageError
from nntasks.machine.parent import LAUNCHER
from nntasks.machine.stopping import OF_SCHEDULERS
from nntasks.run_folder import reading
from nntasks.storage import atomic_write

_STOPPED = 130


class Requeue:
    """The job of Slurm that this process belongs to.

    A note in the folder of the task's runs says which run the job has started. Only a later start
    of the same job reads it: of the processes of one start, none takes another's note for old.

    Args:
        runs: the folder of the task's runs.

    Raises:
        UsageError: there is no such job.
    """

    def __init__(self, runs: Path) -> None:
        self.job = os.environ.get("SLURM_JOB_ID", "")
        if not self.job.isdigit():
            raise UsageError(
                "--requeue is for jobs of Slurm, but SLURM_JOB_ID is not set; leave it out, or "
                "start the command with sbatch"
            )
        restarts = os.environ.get("SLURM_RESTART_COUNT", "")
        self._restarts = int(restarts) if restarts.isdigit() else 0
        self._runs = runs
        self._note = runs / f".job-{self.job}.json"

    def earlier(self) -> Path | None:
        """Return the run that an earlier start of this job has begun."""
        note = reading.read_json(self._note) or {}
        if not note.get("restarts", self._restarts) < self._restarts:
            return None
        run = self._runs / str(note.get("run", ""))
        return run if (run / "config.yaml").is_file() else None

    def remember(self, run: Path) -> None:
        """Write down which run this job has begun."""
        note = {"run": run.name, "restarts": self._restarts}
        atomic_write.write_text(self._note, atomic_write.to_json(note))

    def watch(self, work: Callable[[Callable[[int], None]], int]) -> int:
        """Do the work; if a scheduler's signal stops it, ask for the job again.

        Args:
            work: gets a function to call with the signal that stopped it, if it returns 130 instead
                of raising.
        """
        numbers: list[int] = []
        try:
            with _noted(numbers):
                code = work(numbers.append)
        except (Interrupted, KeyboardInterrupt) as error:
            numbers.append(getattr(error, "number", 0))
            self._ask(numbers)
            raise
        if code == _STOPPED:
            self._ask(numbers)
        elif not code:
            self._note.unlink(missing_ok=True)
        return code

    def _ask(self, numbers: list[int]) -> None:
        """Ask for the job again, in one process of it, unless the user stopped it."""
        if not set(numbers) & set(OF_SCHEDULERS) or _is_one_of_several():
            return
        asked = ["scontrol", "requeue", self.job]
        try:
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            reason = done.stderr.strip() if done.returncode else ""
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            _print(f"cannot ask Slurm for job {self.job} again: {' '.join(reason.split())}")
        else:
            _print(f"asked Slurm for job {self.job} again")


def _is_one_of_several() -> bool:
    """Return whether another process asks: the launcher of this one, or rank 0."""
    rank = os.environ.get("RANK", "0")
    return bool(os.environ.get(LAUNCHER)) or (rank.isdigit() and int(rank) > 0)


@contextlib.contextmanager
def _noted(numbers: list[int]) -> Iterator[None]:
    """Let a scheduler's signals interrupt what has no checkpoints yet, such as loading data."""

    def interrupt(number: int, frame: Any) -> None:
        numbers.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in OF_SCHEDULERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print(line: str) -> None:
    print(f"nntasks: {line}", file=sys.stderr, flush=True)
