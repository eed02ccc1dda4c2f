"""Execute the runs of a plan by a launcher; other processes may work on the same plan."""

from __future__ import annotations

import contextlib
import secrets
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntasks.errors import Interrupted
from nntasks.experiments.planned_run import STOPPED, PlannedRun
from nntasks.interfaces.launcher import Command, Job, Launcher
from nntasks.storage import claims

_POLL = 0.05  # seconds between two looks at the jobs
_LONGEST_PAUSE = 5.0
_LOOK = 1.0  # seconds between two looks at runs of other processes
_LAST_WORDS = 10.0  # seconds that jobs of a cluster have to end once they were told to

Finished = Callable[[PlannedRun, str | None], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Started:
    """A run that was handed to a launcher.

    Attributes:
        run: what to execute.
        job: the launcher's.
        owner: the word that the process writes into its claim.
    """

    run: PlannedRun
    job: Job
    owner: str

    def outcome(self) -> str | None:
        """Return why the run failed if its job has ended by itself; None if others have the run.

        Only for a job that has ended and a run that is not finished.
        """
        newest = claims.status(self.run.folder)
        ours = newest.owner.partition(" ")[0] == self.owner
        if newest.number >= 0 and not ours:
            return None
        how = f"exit code {newest.code}" if newest.code is not None else self.job.ended()
        return f"{how}: {self.run.problem()}"


def start(runs: Sequence[PlannedRun], launcher: Launcher) -> list[Started]:
    """Hand runs to a launcher.

    Raises:
        RunFailed: it refuses them.
    """
    owners = [secrets.token_hex(8) for _ in runs]
    for run in runs:
        run.write()
    jobs = launcher.submit(
        [
            Command(run.command(owner), run.folder.absolute())
            for run, owner in zip(runs, owners, strict=True)
        ]
    )
    return [Started(*three) for three in zip(runs, jobs, owners, strict=True)]


def execute(
    runs: Sequence[PlannedRun], launcher: Launcher, *, finished: Finished, say: Say
) -> None:
    """Execute runs, and wait for those that other processes have claimed.

    Args:
        runs: in the order in which they start.
        launcher: where.
        finished: called with each run when it is finished, by whomever, or with the reason why not.
        say: receives progress lines.

    Raises:
        Interrupted: on Ctrl-C or SIGTERM, after the runs have written checkpoints.
        RunFailed: the launcher refuses to work.
    """
    execution = _Execution(runs, launcher, finished, say)
    with stoppable():
        try:
            while not execution.step():
                time.sleep(execution.pause)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; repeat the command to continue") from None
        finally:
            stop([started.job for started in execution.running])
            launcher.close()


class _Execution:
    """The runs of one command: not started, in jobs of ours, in other hands."""

    def __init__(
        self, runs: Sequence[PlannedRun], launcher: Launcher, finished: Finished, say: Say
    ) -> None:
        self.waiting = deque(runs)
        self.running: list[Started] = []
        self.elsewhere: list[PlannedRun] = []
        # Claims up to these are of earlier commands, whose failures are tried again.
        self._before = {run.folder: _number_before(run.folder) for run in runs}
        self._launcher, self._finished, self._say = launcher, finished, say
        self._looked = 0.0
        self._has_told = False

    @property
    def pause(self) -> float:
        """Seconds until the next look: longer for hundreds of jobs, each of which costs a look."""
        return min(_POLL * max(len(self.running) // 4, 1), _LONGEST_PAUSE)

    def step(self) -> bool:
        """Start, end and hand over what is due; return whether nothing is left."""
        self._end()
        if time.monotonic() - self._looked > _LOOK:
            self._look_elsewhere()
            self._looked = time.monotonic()
        self._start()
        return not (self.waiting or self.running or self.elsewhere)

    def _start(self) -> None:
        batch: list[PlannedRun] = []
        while self.waiting and len(self.running) + len(batch) < self._launcher.at_once:
            run = self.waiting.popleft()
            if run.finished() is not None:
                self._finished(run, None)
            elif not claims.status(run.folder).is_free:
                self._leave(run)
            else:
                batch.append(run)
        if batch:
            self.running += start(batch, self._launcher)

    def _end(self) -> None:
        for started in [one for one in self.running if one.job.ended() is not None]:
            self.running.remove(started)
            if started.run.finished() is not None:
                self._finished(started.run, None)
                continue
            problem = started.outcome()
            if problem is None:
                self._leave(started.run)
            else:
                self._finished(started.run, problem)

    def _leave(self, run: PlannedRun) -> None:
        self.elsewhere.append(run)
        if not self._has_told:
            self._has_told = True
            owner = claims.status(run.folder).owner.partition(" on ")[2]
            self._say(f"another process{f' on {owner}' if owner else ''} works on {run.name}")

    def _look_elsewhere(self) -> None:
        for run in [*self.elsewhere]:
            newest = claims.status(run.folder)
            if run.finished() is not None:
                self._finished(run, None)
            elif not newest.is_free:
                continue
            elif newest.number <= self._before[run.folder] or newest.code in (None, STOPPED):
                self.waiting.appendleft(run)
            else:
                self._finished(run, f"exit code {newest.code}: {run.problem()}")
            self.elsewhere.remove(run)


def _number_before(folder: Path) -> int:
    """Return the number of the last claim that has ended, or will not end any more."""
    newest = claims.status(folder)
    return newest.number if newest.is_free else newest.number - 1


def stop(jobs: Sequence[Job]) -> None:
    """Stop jobs, which then write checkpoints, and wait until they have ended."""
    for job in jobs:
        job.stop()
    end = time.monotonic() + _LAST_WORDS
    while any(job.ended() is None for job in jobs) and time.monotonic() < end:
        time.sleep(_POLL)


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
