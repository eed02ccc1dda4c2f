"""A search over a task's keys with Optuna, each trial a run in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nntasks.errors import Interrupted
from nntasks.experiments.execution import stoppable
from nntasks.experiments.followed_trial import FollowedTrial
from nntasks.experiments.launching import Choice as LauncherChoice
from nntasks.experiments.space import Choice
from nntasks.experiments.study import REPEATS, STARTUP, SURPLUS, Search, counted, without_warnings
from nntasks.experiments.trial_owners import OWNER, followed, own, retry_dead_trials
from nntasks.interfaces.launcher import Launcher

if TYPE_CHECKING:
    import optuna

_POLL = 0.1  # seconds
_LOOK = 2.0  # seconds between two looks for trials of dead processes
_MOST_REPEATS = 50  # duplicates in a row before the search counts as exhausted
_LONGEST_CHOICE = 20.0  # seconds


def tune(
    search: Search,
    study: optuna.Study,
    *,
    trials: int,
    timeout: float | None,
    launcher: LauncherChoice,
    say: Callable[[str], None],
) -> None:
    """Run trials until the study has `trials` of them, over all processes.

    Args:
        search: the definition.
        study: from `open_study`.
        trials: the total, including pruned and failed trials.
        timeout: seconds after which no trial starts; None for no limit.
        launcher: where the runs are executed; its `jobs` is the number of trials at a time, 1 by
            default, as each trial learns from those before it.
        say: receives progress lines.

    Raises:
        UsageError: a finished trial lacks the metric, and no trial before had it.
        Interrupted: on Ctrl-C or SIGTERM; the next search resumes the trials.
    """
    end = None if timeout is None else time.monotonic() + timeout
    made = launcher.made(search.folder)
    tuning = _Tuning(search, study, trials, made, say)
    with stoppable():
        try:
            while not tuning.step(launcher.jobs or 1, end):
                time.sleep(_POLL)
        except KeyboardInterrupt:
            raise Interrupted("interrupted; repeat the command to continue") from None
        finally:
            for trial in tuning.running:
                trial.end()
            made.close()


class _Tuning:
    """A search in progress: the trials that this process follows."""

    def __init__(
        self,
        search: Search,
        study: optuna.Study,
        trials: int,
        launcher: Launcher,
        say: Callable[[str], None],
    ) -> None:
        self.running: list[FollowedTrial] = []
        self._search, self._study, self._trials = search, study, trials
        self._launcher, self._say = launcher, say
        self._looked = float("-inf")
        self._reason = ""  # why no trial starts any more
        self._has_told = False

    def step(self, jobs: int, end: float | None) -> bool:
        """Start and follow trials; return whether the search is over."""
        if time.monotonic() - self._looked > _LOOK:
            self._looked = time.monotonic()
            retry_dead_trials(self._study, self._say)
        while len(self.running) < jobs and self._is_wanted(end):
            self._begin()
        for trial in [*self.running]:
            line = trial.step()
            if line is not None:
                self.running.remove(trial)
                trial.end()
                self._say(f"[{len(counted(self._study))}/{self._trials}] {line}")
        return not (self.running or self._is_wanted(end) or self._others())

    def _is_wanted(self, end: float | None) -> bool:
        """Return whether another trial should start."""
        if self._reason or len(counted(self._study)) >= self._trials:
            return False
        if end is not None and time.monotonic() > end:
            self._stop_starting("no further trial: the timeout has passed")
        return not self._reason

    def _stop_starting(self, reason: str) -> None:
        self._reason = reason
        self._say(reason)

    def _begin(self) -> None:
        """Start a trial whose keys no other has; none if all were tried."""
        for _ in range(_MOST_REPEATS):
            trial, words = _ask(self._search, self._study)
            owned = own(self._study, trial)
            given = (self._search, self._study, trial, words, self._launcher, owned)
            begun = FollowedTrial(*given)
            if not _is_superfluous(self._study, trial, self._trials):
                self.running.append(begun)
                return
            begun.end()
            if len(counted(self._study)) >= self._trials:
                return
        self._stop_starting("no further trial: every choice was tried")

    def _others(self) -> bool:
        """Return whether other processes follow trials, whose end this search waits for."""
        others = followed(self._study)
        if others and not self._has_told:
            self._has_told = True
            numbers = ", ".join(str(trial.number) for trial in others)
            self._say(f"waiting for trial {numbers} of another process")
        return bool(others)


def _ask(search: Search, study: optuna.Study) -> tuple[optuna.Trial, dict[str, str]]:
    """Start a trial and choose its keys from the seed, the trial number and earlier results."""
    import optuna

    with without_warnings():
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


def _is_superfluous(study: optuna.Study, trial: optuna.Trial, trials: int) -> bool:
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
        if all(OWNER in t.user_attrs for t in running if t.number < number):
            return
        time.sleep(_POLL)


def best_keys(search: Search, study: optuna.Study) -> dict[str, str]:
    """Return all keys of the best trial."""
    best = study.best_trial
    return {**search.fixed, **{key: _as_word(value) for key, value in best.params.items()}}


def _as_word(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
