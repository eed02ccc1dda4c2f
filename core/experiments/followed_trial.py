"""One trial of a search while it runs: its job, its validations, and how it ends."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nntasks.errors import RunFailed, UsageError
from nntasks.experiments.execution import Started, start, stop
from nntasks.experiments.planned_run import PlannedRun
from nntasks.experiments.records import read_record
from nntasks.experiments.study import Search, completed
from nntasks.experiments.trial_owners import Ownership
from nntasks.interfaces.launcher import Launcher
from nntasks.storage import claims

if TYPE_CHECKING:
    import optuna

_LOOK = 0.25  # seconds between two readings of the validations


class _Unmeasured(RunFailed):
    """A finished run has no validation of the searched metric."""


class FollowedTrial:
    """A trial of ours that runs.

    Args:
        search: the definition.
        study: of the trial.
        trial: with its keys chosen.
        words: the keys as text.
        launcher: where its run is executed.
        ownership: of the trial; released by `end`.
    """

    def __init__(
        self,
        search: Search,
        study: optuna.Study,
        trial: optuna.Trial,
        words: Mapping[str, str],
        launcher: Launcher,
        ownership: Ownership,
    ) -> None:
        shown = " ".join(f"{key}={value[:10]}" for key, value in words.items())
        folder = Path(trial.user_attrs["folder"])
        self.run = PlannedRun(shown, search.task, {**search.fixed, **words}, folder)
        self.name = f"trial {trial.number}: {shown}:"
        self._search, self._study, self._trial = search, study, trial
        self._launcher, self._ownership = launcher, ownership
        self._started: Started | None = None
        self._reported: set[int] = set()
        self._looked = 0.0

    def step(self) -> str | None:
        """Do what is due; return None while it runs, then a line about its end.

        Raises:
            UsageError: the run lacks the metric, and no trial had it: the others would lack it.
        """
        if self._ownership.is_lost():
            return (
                f"{self.name} was taken over by another process: this one was cut off for too long"
            )
        self._ownership.beat()
        if self._started is None:
            self._start_if_free()
        elif self._started.job.ended() is not None:
            return self._ended(self._started)
        elif time.monotonic() - self._looked > _LOOK:
            self._looked = time.monotonic()
            return self._pruned()
        return None

    def end(self) -> None:
        """Stop what still runs, and let go of the trial."""
        if self._started is not None:
            stop([self._started.job])
        self._ownership.release()
        with contextlib.suppress(OSError):  # a trial that was not run leaves an empty folder
            self.run.folder.rmdir()

    def _start_if_free(self) -> None:
        """Start the run; one that a killed search left behind on a cluster may still go on."""
        if self.run.finished() is not None or claims.status(self.run.folder).is_free:
            (self._started,) = start([self.run], self._launcher)

    def _ended(self, started: Started) -> str | None:
        from optuna.trial import TrialState

        problem = None if self.run.finished() is not None else started.outcome()
        if problem is None and self.run.finished() is None:
            self._started = None  # another process has the run: wait for it
            return None
        try:
            if problem is not None:
                raise RunFailed(problem)
            value = _last_validation(self._search, self.run)
        except RunFailed as error:
            self._trial.set_user_attr("problem", str(error))
            self._study.tell(self._trial, state=TrialState.FAIL)
            if isinstance(error, _Unmeasured) and not completed(self._study):
                raise UsageError(f"{self.name} {error}") from error
            return f"{self.name} failed: {error}"
        self._report()
        self._study.tell(self._trial, value)
        return f"{self.name} validation {self._search.metric} {value:.4f}"

    def _pruned(self) -> str | None:
        from optuna.trial import TrialState

        self._report()
        if not (self._reported and self._trial.should_prune()):
            return None
        if self._started is not None:
            stop([self._started.job])
        self._study.tell(self._trial, state=TrialState.PRUNED)
        return f"{self.name} stopped early: it lags behind other trials"

    def _report(self) -> None:
        for epoch, value in validations(self.run, self._search.metric):
            if epoch not in self._reported:
                self._reported.add(epoch)
                self._trial.report(value, epoch)


def validations(run: PlannedRun, metric: str) -> list[tuple[int, float]]:
    """Return (epoch, value) of each validation of a trial so far."""
    found = []
    for file in run.histories():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("split") == "validation" and isinstance(row.get(metric), (int, float)):
                found.append((int(row["epoch"]), float(row[metric])))
    return found


def _last_validation(search: Search, run: PlannedRun) -> float:
    """Return the last validation of a finished run."""
    known = validations(run, search.metric)
    if known:
        return known[-1][1]
    folder = run.finished()
    assert folder is not None
    numbers = ", ".join(list(read_record(folder).metrics)[:8])
    raise _Unmeasured(
        f"the run has no validation of {search.metric!r}; its metrics are {numbers}; "
        "set validate_every to measure them more often"
    )
