"""A search and its trials in Optuna's storage, which several processes may share."""

from __future__ import annotations

import contextlib
import hashlib
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nntasks.errors import MissingError, UsageError
from nntasks.experiments.space import Space
from nntasks.experiments.trial_owners import database_settings
from nntasks.storage import locks

if TYPE_CHECKING:
    import optuna

JOURNAL = "journal.log"
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
        MissingError: Optuna is not installed, or the driver of the database.
        UsageError: the storage cannot be opened.
    """
    try:
        with warnings.catch_warnings():  # tqdm's, which misses widgets in a notebook
            warnings.simplefilter("ignore")
            import optuna
    except ImportError as error:
        raise MissingError(
            "tune needs optuna, which is not installed; run: python -m pip install optuna"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    where = search.storage or _own_storage(search.folder)
    try:
        search.folder.mkdir(parents=True, exist_ok=True)
        with locks.held(search.folder, say), without_warnings():  # create the tables once
            return _created(search, _storage(where))
    except ImportError as error:
        raise MissingError(
            f"the storage {where} needs {error.name}, which is not installed; run: "
            f"python -m pip install {error.name}"
        ) from error
    except Exception as error:  # SQLAlchemy raises many classes of errors
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"cannot open the storage {where}: {reason}") from error


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Leave out what Optuna says of its heartbeat: that it is new, and meant for its own loop."""
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        warnings.filterwarnings("ignore", message="Heartbeat of storage")
        yield


def _own_storage(folder: Path) -> str:
    """Return the file of a search: Optuna's journal, or the SQLite file of an earlier version."""
    old = (folder / "study.db").absolute()
    return f"sqlite:///{old}" if old.is_file() else str((folder / JOURNAL).absolute())


def _storage(where: str) -> optuna.storages.BaseStorage:
    from optuna import storages
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    if "://" in where:
        return storages.RDBStorage(where, **database_settings())
    # A lock by O_EXCL: flock is missing on Lustre and on some NFS.
    return storages.JournalStorage(JournalFileBackend(where, JournalFileOpenLock(where)))


def _created(search: Search, storage: optuna.storages.BaseStorage) -> optuna.Study:
    import optuna

    return optuna.create_study(
        storage=storage,
        study_name=f"{search.task}-{search.id}",
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP),
        load_if_exists=True,
    )


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


def completed(study: optuna.Study) -> Sequence[optuna.trial.FrozenTrial]:
    """Return the trials that ran to the end."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
