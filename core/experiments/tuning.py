"""A search over a task's keys with Optuna, each trial a run in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import Interrupted, RunFailed
from nntasks.experiments.planned_run import PlannedRun, start, stop, stoppable
from nntasks.experiments.records import read_record
from nntasks.experiments.space import Choice
from nntasks.experiments.study import (
    REPEATS,
    STARTUP,
    SURPLUS,
    Search,
    counted,
    take_over_dead_trials,
)
from nntasks.storage import locks

if TYPE_CHECKING:
    import optuna

_POLL = 0.1  # seconds
_MOST_REPEATS = 50  # duplicates in a row before the search counts as exhausted
_LONGEST_CHOICE = 20.0  # seconds


def tune(
    search: Search,
    study: optuna.Study,
    *,
    trials: int,
    timeout: float | None,
    say: Callable[[str], None],
) -> None:
    """Run trials until the study has `trials` of them, over all processes.

    Args:
        search: the definition.
        study: from `open_study`.
        trials: the total, including pruned and failed trials.
        timeout: seconds after which no trial starts; None for no limit.
        say: receives progress lines.

    Raises:
        Interrupted: on Ctrl-C or SIGTERM; the next search resumes the trial.
    """
    begun, repeats = time.monotonic(), 0
    take_over_dead_trials(study, say)
    with stoppable():
        while repeats < _MOST_REPEATS and len(counted(study)) < trials:
            if timeout is not None and time.monotonic() - begun > timeout:
                say(f"no further trial: the timeout of {timeout:g} s has passed")
                return
            trial, words = _ask(search, study)
            with _owned(trial, say) as lock:
                if _is_superfluous(study, trial, words, trials):
                    repeats += 1
                    continue
                repeats = 0
                _run_trial(search, study, trial, words, trials, lock, say)
    if repeats:
        say("no further trial: every choice was tried")


def _ask(search: Search, study: optuna.Study) -> tuple[optuna.Trial, dict[str, str]]:
    """Start a trial and choose its keys from the seed, the trial number and earlier results."""
    import optuna

    trial = study.ask()
    study.sampler = optuna.samplers.TPESampler(
        seed=(search.seed * 1_000_003 + trial.number) % 2**32, n_startup_trials=2 * STARTUP
    )
    words = {}
    for key, values in search.space.items():
        if isinstance(values, Choice):
            words[key] = trial.suggest_categorical(key, list(values.words))
        elif values.whole:
            low, high = int(values.low), int(values.high)
            words[key] = str(trial.suggest_int(key, low, high, log=values.log))
        else:
            words[key] = repr(trial.suggest_float(key, values.low, values.high, log=values.log))
    if "folder" not in trial.user_attrs:
        trial.set_user_attr("folder", str((search.folder / f"trial{trial.number:04d}").absolute()))
    return trial, words


@contextlib.contextmanager
def _owned(trial: optuna.Trial, say: Callable[[str], None]) -> Iterator[int]:
    """Lock the folder of a trial and mark that its keys are chosen and its folder is locked."""
    folder = Path(trial.user_attrs["folder"])
    with locks.held(folder, say) as lock:
        trial.set_user_attr("owner", os.getpid())
        yield lock
    with contextlib.suppress(OSError):  # a trial that was not run leaves an empty folder
        folder.rmdir()


def _is_superfluous(
    study: optuna.Study, trial: optuna.Trial, words: Mapping[str, str], trials: int
) -> bool:
    """Return whether an earlier trial has these keys or there are enough trials; mark the trial.

    All processes see the trials in the same order, so exactly one of two equal trials runs.
    """
    from optuna.trial import TrialState

    _wait_for_choices(study, trial.number)
    folder = trial.user_attrs["folder"]  # a resumed trial has the folder of the original
    earlier = [t for t in counted(study, trial.number) if t.user_attrs.get("folder") != folder]
    same = [other.number for other in earlier if other.params == trial.params]
    if not same and len(earlier) < trials:
        return False
    trial.set_user_attr(*((REPEATS, same[0]) if same else (SURPLUS, True)))
    study.tell(trial, state=TrialState.FAIL)
    return True


def _wait_for_choices(study: optuna.Study, number: int) -> None:
    """Wait until all earlier trials have chosen their keys, except those that were killed."""
    from optuna.trial import TrialState

    deadline = time.monotonic() + _LONGEST_CHOICE
    while time.monotonic() < deadline:
        running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        if all("owner" in t.user_attrs for t in running if t.number < number):
            return
        time.sleep(_POLL)


def _run_trial(
    search: Search,
    study: optuna.Study,
    trial: optuna.Trial,
    words: Mapping[str, str],
    trials: int,
    lock: int,
    say: Callable[[str], None],
) -> None:
    from optuna.trial import TrialState

    shown = " ".join(f"{key}={value[:10]}" for key, value in words.items())
    run = PlannedRun(
        shown, search.task, {**search.fixed, **words}, Path(trial.user_attrs["folder"])
    )
    place = f"[{len(counted(study))}/{trials}] trial {trial.number}: {shown}:"
    code = _follow(search, trial, run, lock)
    if code is None:
        study.tell(trial, state=TrialState.PRUNED)
        say(f"{place} stopped early: it lags behind other trials")
        return
    try:
        value = _value(search, run, code)
    except RunFailed as error:
        trial.set_user_attr("problem", str(error))
        study.tell(trial, state=TrialState.FAIL)
        say(f"{place} failed: {error}")
        return
    study.tell(trial, value)
    say(f"{place} validation {search.metric} {value:.4f}")


def _follow(search: Search, trial: optuna.Trial, run: PlannedRun, lock: int) -> int | None:
    """Run a trial and report each validation to Optuna; return None if Optuna prunes it."""
    process = start(run.command(), run.folder, 1, lock)
    reported: set[int] = set()
    try:
        while process.poll() is None:
            time.sleep(_POLL)
            for epoch, value in validations(run, search.metric):
                if epoch not in reported:
                    reported.add(epoch)
                    trial.report(value, epoch)
            if reported and trial.should_prune():
                return None
        return process.returncode
    except KeyboardInterrupt:
        raise Interrupted("interrupted; repeat the command to continue") from None
    finally:
        stop([process])


def validations(run: PlannedRun, metric: str) -> list[tuple[int, float]]:
    """Return (epoch, value) of each validation of a trial so far."""
    found = []
    for file in run.histories():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("split") == "validation" and isinstance(row.get(metric), (int, float)):
                found.append((int(row["epoch"]), float(row[metric])))
    return found


def _value(search: Search, run: PlannedRun, code: int) -> float:
    """Return the last validation of a finished run."""
    folder = run.finished()
    if folder is None:
        raise RunFailed(f"exit code {code}: {run.problem()}")
    known = validations(run, search.metric)
    if not known:
        numbers = ", ".join(list(read_record(folder).metrics)[:8])
        raise RunFailed(
            f"the run has no validation of {search.metric!r}; its metrics are {numbers}; "
            "set validate_every to measure them more often"
        )
    return known[-1][1]


def best_keys(search: Search, study: optuna.Study) -> dict[str, str]:
    """Return all keys of the best trial."""
    best = study.best_trial
    return {**search.fixed, **{key: _as_word(value) for key, value in best.params.items()}}


def _as_word(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
