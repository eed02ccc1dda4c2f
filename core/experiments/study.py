"""A search and its trials in Optuna's storage, which several processes may share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nntasks.errors import MissingError, UsageError
from nntasks.experiments.space import Space
from nntasks.storage import locks

if TYPE_CHECKING:
    import optuna

STARTUP = 5  # the first trials are never pruned
REPEATS, SURPLUS = "repeats", "surplus"  # marks of trials that do not count


@dataclass(frozen=True)
class Search:
    """The definition of a search.

    Attributes:
        task: name of the task.
        fixed: the keys of every trial.
        space: the keys to choose.
        metric: the validation metric to maximise.
        out: the folder of all runs.
        storage: URL of Optuna's storage; empty for a file in the search's folder.
        seed: the sampler's seed; the seed of the runs is a key like any other.
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
        """An identifier of this search."""
        space = sorted((key, str(value)) for key, value in self.space.items())
        content = json.dumps([self.task, sorted(self.fixed.items()), space, self.metric])
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    @property
    def folder(self) -> Path:
        """The folder of the trials, the storage and the report."""
        return self.out / self.task / f"tune-{self.id}"


def open_study(search: Search, say: Callable[[str], None]) -> optuna.Study:
    """Open the search's study, or create it.

    Args:
        search: the definition.
        say: receives progress lines.

    Raises:
        MissingError: Optuna is not installed.
        UsageError: the storage cannot be opened.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingError(
            "tune needs optuna, which is not installed; run: python -m pip install optuna"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = search.storage or f"sqlite:///{(search.folder / 'study.db').absolute()}"
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
        with locks.held(search.folder, say):  # create the tables once
            return optuna.create_study(
                storage=url,
                study_name=f"{search.task}-{search.id}",
                direction="maximize",
                pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
                load_if_exists=True,
            )
    except Exception as error:  # SQLAlchemy raises many classes of errors
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"cannot open the storage {url}: {reason}") from error


def counted(study: optuna.Study, before: int | None = None) -> list[optuna.trial.FrozenTrial]:
    """Return the trials that ran or are running, only those below number `before` if given."""
    from optuna.trial import TrialState

    real = [
        trial
        for trial in study.get_trials(deepcopy=False)
        if (before is None or trial.number < before)
        and not {REPEATS, SURPLUS} & set(trial.user_attrs)
    ]
    latest = {trial.user_attrs.get("folder", trial.number): trial.number for trial in real}
    return [
        trial
        for trial in real
        if trial.state != TrialState.WAITING
        and latest[trial.user_attrs.get("folder", trial.number)] == trial.number
    ]


def take_over_dead_trials(study: optuna.Study, say: Callable[[str], None]) -> None:
    """Requeue the trials whose process was killed, which no longer hold the lock of their folder.

    The new trial uses the old folder, so its run is resumed.
    """
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        owned = trial.user_attrs.get("owner")  # from when on its folder is held
        if not owned or not locks.is_abandoned(Path(trial.user_attrs["folder"]), say):
            continue
        # Its owner reports a trial before it lets go of the folder: what runs still was left.
        if _state_now(study, trial.number) == TrialState.RUNNING:
            study.enqueue_trial(trial.params, user_attrs={"folder": trial.user_attrs["folder"]})
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
            say(f"trial {trial.number} was stopped; resuming it")


def _state_now(study: optuna.Study, number: int) -> optuna.trial.TrialState:
    return next(t.state for t in study.get_trials(deepcopy=False) if t.number == number)


def completed(study: optuna.Study) -> Sequence[optuna.trial.FrozenTrial]:
    """Return the trials that ran to the end."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
