"""A search over a task's keys with Optuna, each trial a run in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.errors import Interrupted, MissingError, RunFailed, UsageError
from nntasks.experiments.planned_run import Cell, locked, start, stop, stoppable
from nntasks.experiments.records import read_record
from nntasks.experiments.space import Choice, Space

if TYPE_CHECKING:
    import optuna

_POLL = 0.1  # seconds
_MOST_REPEATS = 50  # in a row; then nothing new is to be found
_LONGEST_CHOICE = 20.0  # seconds
_STARTUP = 5  # trials that are never pruned
_REPEATS, _SURPLUS = "repeats", "surplus"  # marks of trials that do not count


@dataclass(frozen=True)
class Search:
    """What is searched.

    Attributes:
        task: name of the task.
        fixed: keys of every trial.
        space: the keys that are chosen.
        metric: the number of the validation split that is to become large.
        out: folder that holds the runs of all tasks.
        storage: URL of Optuna's storage; empty for a file in the search's folder.
        seed: of the choices; that of the runs is a key like any other.
    """

    task: str
    fixed: Mapping[str, str]
    space: Space
    metric: str
    out: Path
    storage: str = ""
    seed: int = 0

    @property
    def id(self) -> str:
        """A name for exactly this search."""
        space = sorted((key, str(value)) for key, value in self.space.items())
        content = json.dumps([self.task, sorted(self.fixed.items()), space, self.metric])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    @property
    def folder(self) -> Path:
        """Where its trials, its storage and its report lie."""
        return self.out / self.task / f"tune-{self.id}"


def open_study(search: Search) -> optuna.Study:
    """Open the search's study, or create it.

    Raises:
        MissingError: Optuna is not installed.
        UsageError: the storage cannot be opened.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingError(
            "tune needs optuna, not installed here; run: python -m pip install optuna"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = search.storage or f"sqlite:///{(search.folder / 'study.db').absolute()}"
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
        with locked(search.folder / "opening", lambda line: None):  # tables are created once
            return optuna.create_study(
                storage=url,
                study_name=f"{search.task}-{search.id}",
                direction="maximize",
                pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP),
                load_if_exists=True,
            )
    except Exception as error:  # SQLAlchemy has a hundred ways to say it
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"cannot open the storage {url}: {reason}") from error


def tune(
    search: Search,
    study: optuna.Study,
    *,
    trials: int,
    timeout: float | None,
    say: Callable[[str], None],
) -> None:
    """Run trials until the study has so many, in all processes together.

    Args:
        search: what is searched.
        study: from `open_study`.
        trials: how many that were run, pruned or failed ones included.
        timeout: seconds after which none is begun; None for no limit.
        say: told about progress, a line each.

    Raises:
        Interrupted: on Ctrl-C or SIGTERM; the trial goes on when the search does.
    """
    begun, repeats = time.monotonic(), 0
    take_over_dead_trials(study, say)
    with stoppable():
        while repeats < _MOST_REPEATS and len(counted(study)) < trials:
            if timeout is not None and time.monotonic() - begun > timeout:
                say(f"no further trial: {timeout:g} s are over")
                return
            trial, words = _ask(search, study)
            if _is_superfluous(study, trial, words, trials):
                repeats += 1
                continue
            repeats = 0
            _run_trial(search, study, trial, words, trials, say)
    if repeats:
        say("no further trial: every choice was tried")


def counted(study: optuna.Study, before: int | None = None) -> list[optuna.trial.FrozenTrial]:
    """Return the trials that were run, or are running; those numbered below `before`, if given."""
    from optuna.trial import TrialState

    real = [
        trial
        for trial in study.get_trials(deepcopy=False)
        if (before is None or trial.number < before)
        and not {_REPEATS, _SURPLUS} & set(trial.user_attrs)
    ]
    latest = {trial.user_attrs.get("folder", trial.number): trial.number for trial in real}
    return [
        trial
        for trial in real
        if trial.state != TrialState.WAITING
        and latest[trial.user_attrs.get("folder", trial.number)] == trial.number
    ]


def take_over_dead_trials(study: optuna.Study, say: Callable[[str], None]) -> None:
    """Queue again what processes of this machine left when they were killed.

    The new trial has the folder of the old one, so its run goes on there.
    """
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        owner = trial.user_attrs.get("owner")
        if owner and owner[0] == socket.gethostname() and not _alive(owner[1]):
            study.enqueue_trial(trial.params, user_attrs={"folder": trial.user_attrs["folder"]})
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
            say(f"trial {trial.number} was stopped; it goes on")


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ask(search: Search, study: optuna.Study) -> tuple[optuna.Trial, dict[str, str]]:
    """Begin a trial and choose its keys: by (seed, number of the trial) and what is known."""
    import optuna

    trial = study.ask()
    study.sampler = optuna.samplers.TPESampler(
        seed=(search.seed * 1_000_003 + trial.number) % 2**32, n_startup_trials=2 * _STARTUP
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
    trial.set_user_attr("owner", [socket.gethostname(), os.getpid()])
    return trial, words


def _is_superfluous(
    study: optuna.Study, trial: optuna.Trial, words: Mapping[str, str], trials: int
) -> bool:
    """Say, and mark, that an earlier trial has these keys, or that there are enough trials.

    All see the trials in one order, so of two processes that chose alike one gives way.
    """
    from optuna.trial import TrialState

    _wait_for_choices(study, trial.number)
    folder = trial.user_attrs["folder"]  # a trial that goes on has that of the one it goes on with
    earlier = [t for t in counted(study, trial.number) if t.user_attrs.get("folder") != folder]
    same = [other.number for other in earlier if other.params == trial.params]
    if not same and len(earlier) < trials:
        return False
    trial.set_user_attr(*((_REPEATS, same[0]) if same else (_SURPLUS, True)))
    study.tell(trial, state=TrialState.FAIL)
    return True


def _wait_for_choices(study: optuna.Study, number: int) -> None:
    """Wait until all earlier trials have chosen their keys (not for one that was killed in it)."""
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
    say: Callable[[str], None],
) -> None:
    from optuna.trial import TrialState

    shown = " ".join(f"{key}={value[:10]}" for key, value in words.items())
    cell = Cell(shown, search.task, {**search.fixed, **words}, Path(trial.user_attrs["folder"]))
    place = f"[{len(counted(study))}/{trials}] trial {trial.number}: {shown}:"
    with locked(cell.folder, say) as lock:
        code = _follow(search, trial, cell, lock)
    if code is None:
        study.tell(trial, state=TrialState.PRUNED)
        say(f"{place} stopped early, as it lags behind")
        return
    try:
        value = _value(search, cell, code)
    except RunFailed as error:
        trial.set_user_attr("problem", str(error))
        study.tell(trial, state=TrialState.FAIL)
        say(f"{place} failed: {error}")
        return
    study.tell(trial, value)
    say(f"{place} validation {search.metric} {value:.4f}")


def _follow(search: Search, trial: optuna.Trial, cell: Cell, lock: int) -> int | None:
    """Run a trial, telling Optuna of every validation; None if it says that this is enough."""
    process = start(cell.command(), cell.folder, 1, lock)
    told: set[int] = set()
    try:
        while process.poll() is None:
            time.sleep(_POLL)
            for epoch, value in validations(cell, search.metric):
                if epoch not in told:
                    told.add(epoch)
                    trial.report(value, epoch)
            if told and trial.should_prune():
                return None
        return process.returncode
    except KeyboardInterrupt:
        raise Interrupted("interrupted; the same command goes on") from None
    finally:
        stop([process])


def validations(cell: Cell, metric: str) -> list[tuple[int, float]]:
    """Return (epoch, value) of every validation of a trial so far."""
    found = []
    for file in cell.histories():
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("split") == "validation" and isinstance(row.get(metric), (int, float)):
                found.append((int(row["epoch"]), float(row[metric])))
    return found


def _value(search: Search, cell: Cell, code: int) -> float:
    """Return the last validation of a finished run."""
    run = cell.finished()
    if run is None:
        raise RunFailed(f"exit code {code}: {cell.problem()}")
    known = validations(cell, search.metric)
    if not known:
        numbers = ", ".join(list(read_record(run).metrics)[:8])
        raise RunFailed(
            f"no validation of {search.metric!r} in it; its numbers are {numbers}, and "
            "validate_every says how often they are measured"
        )
    return known[-1][1]


def best_keys(search: Search, study: optuna.Study) -> dict[str, str]:
    """Return all keys of the best trial."""
    best = study.best_trial
    return {**search.fixed, **{key: _as_word(value) for key, value in best.params.items()}}


def _as_word(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def completed(study: optuna.Study) -> Sequence[optuna.trial.FrozenTrial]:
    """Return the trials that were run to their end."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
