"""Which process follows a trial, and trials whose process is dead.

Databases keep Optuna's own heartbeat. Optuna's journal has none, so there the sign of life is a
claim on the folder `owner` of the trial (`nntasks.storage.claims`). In both cases Optuna's own
callback puts a dead trial back into the queue, with its keys and its folder, so that its run is
resumed.
"""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks.storage import claims, heartbeat

if TYPE_CHECKING:
    import optuna

# Attribute of a trial whose keys are chosen and whose folder is claimed: its number. A trial that
# is queued again inherits that of the dead one, and is followed from when it has its own.
OWNER = "owner"
_POLL = 0.1  # seconds


class Ownership(ABC):
    """The sign of life of a trial that this process follows."""

    @abstractmethod
    def beat(self) -> None:
        """Show that this process lives; called often."""

    @abstractmethod
    def is_lost(self) -> bool:
        """Return whether the trial is in other hands."""

    @abstractmethod
    def release(self) -> None:
        """End the ownership."""


class _ByClaim(Ownership):
    def __init__(self, folder: Path, number: int) -> None:
        self._lost = False
        claim = None
        while claim is None:  # whoever put the trial back into the queue is about to let go
            claim = claims.take(folder / OWNER, f"trial{number}", self._lose)
            time.sleep(0 if claim else _POLL)
        self._claim = claim

    def _lose(self) -> None:
        self._lost = True

    def beat(self) -> None:
        """Do nothing: a thread does."""

    def is_lost(self) -> bool:
        return self._lost

    def release(self) -> None:
        self._claim.release(0)


class _ByDatabase(Ownership):
    def __init__(self, study: optuna.Study, trial: optuna.Trial) -> None:
        self._storage: Any = study._storage
        self._trial = trial
        self._next = 0.0

    def beat(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._storage.get_heartbeat_interval()
            self._storage.record_heartbeat(self._trial._trial_id)

    def is_lost(self) -> bool:
        return False  # Optuna refuses what is told about a trial that another process has failed

    def release(self) -> None:
        """Do nothing: a trial that has ended needs no sign of life."""


def own(study: optuna.Study, trial: optuna.Trial) -> Ownership:
    """Own a trial whose keys are chosen, and mark it so."""
    if _has_heartbeat(study):
        owned: Ownership = _ByDatabase(study, trial)
        owned.beat()
    else:
        owned = _ByClaim(Path(trial.user_attrs["folder"]), trial.number)
    trial.set_user_attr(OWNER, trial.number)
    return owned


def retry_dead_trials(study: optuna.Study, say: Callable[[str], None]) -> None:
    """Put the trials of dead processes back into the queue."""
    if _has_heartbeat(study):
        from optuna.storages import fail_stale_trials

        before = {trial.number for trial in followed(study)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna says each time that this is new
            fail_stale_trials(study)
        for number in sorted(before - {trial.number for trial in followed(study)}):
            if _state(study, number) == "FAIL":
                say(f"trial {number} was stopped; resuming it")
        return
    for trial in followed(study):
        folder = Path(trial.user_attrs["folder"]) / OWNER
        if not claims.status(folder).is_free:
            continue
        claim = claims.take(folder, "retry", lambda: None)
        if claim is None:
            continue
        try:
            # Its owner tells the end of a trial before it lets go: what runs still was left.
            if _state(study, trial.number) == "RUNNING":
                _retry(study, trial)
                say(f"trial {trial.number} was stopped; resuming it")
        finally:
            claim.release(0)


def _retry(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
    from optuna.storages import RetryHeartbeatStaleTrialCallback
    from optuna.trial import TrialState

    study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        RetryHeartbeatStaleTrialCallback()(study, trial)


def followed(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Return the running trials that a process of ours follows, or has followed."""
    from optuna.trial import TrialState

    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return [trial for trial in running if trial.user_attrs.get(OWNER) == trial.number]


def _state(study: optuna.Study, number: int) -> str:
    found = next(t.state for t in study.get_trials(deepcopy=False) if t.number == number)
    return found.name


def _has_heartbeat(study: optuna.Study) -> bool:
    interval = getattr(study._storage, "get_heartbeat_interval", lambda: None)
    return interval() is not None


def database_settings() -> dict[str, Any]:
    """Return the arguments of Optuna's database storage: heartbeat, patience, and the retry."""
    from optuna.storages import RetryHeartbeatStaleTrialCallback

    patience = max(int(heartbeat.seconds()), 2)
    return {
        "heartbeat_interval": max(patience // 6, 1),
        "grace_period": patience,
        "heartbeat_stale_trial_callback": RetryHeartbeatStaleTrialCallback(),
    }
