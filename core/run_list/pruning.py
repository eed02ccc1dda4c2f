"""Remove runs: what would go, what stays and why, and the removal itself."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntasks.errors import RunFailed, UsageError
from nntasks.run_folder import latest
from nntasks.run_list.conditions import ordered, require_known, select
from nntasks.run_list.listed_run import FINISHED, RUNNING, ListedRun
from nntasks.storage import locks
from nntasks.storage.failures import cannot_write


@dataclass(frozen=True)
class Pruning:
    """What a removal would do.

    Attributes:
        removed: the runs that go.
        kept: why runs that were chosen stay, with their number: running, latest, tagged, best.
    """

    removed: tuple[ListedRun, ...]
    kept: dict[str, int]

    @property
    def size(self) -> int:
        """The bytes that become free."""
        return sum(run.size for run in self.removed)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        rows = [run.row(("run", "task", "state", "tags", "size")) for run in self.removed]
        return {"runs": rows, "size": self.size, "kept": self.kept}


@dataclass(frozen=True)
class Choice:
    """Which runs are to go.

    Attributes:
        where: conditions that all must hold.
        best: this many finished runs of each task stay, the best by `metric`; None for no limit.
        metric: by default the first headline metric of each task.
        tagged: whether tagged runs may go.
        latest: whether the runs that `latest` names may go.
    """

    where: Sequence[str] = ()
    best: int | None = None
    metric: str | None = None
    tagged: bool = False
    latest: bool = False


def plan(runs: Sequence[ListedRun], choice: Choice) -> Pruning:
    """Return what would go.

    Raises:
        UsageError: nothing says which runs, or a condition is wrong.
    """
    if not choice.where and choice.best is None:
        raise UsageError(
            "expected --where or --keep-best, which say what to remove, got neither; "
            "for example: nntasks runs prune --where state=failed"
        )
    chosen = select(runs, choice.where)
    if choice.metric is not None:
        require_known(runs, "--by", [choice.metric])
    kept: Counter[str] = Counter()
    removed = []
    spared = _spared(chosen, choice)
    for run in chosen:
        reason = _protection(run, choice) or spared.get(run.path, "")
        if reason:
            kept[reason] += 1
        else:
            removed.append(run)
    return Pruning(tuple(removed), dict(kept))


def _protection(run: ListedRun, choice: Choice) -> str:
    if run.state == RUNNING:
        return "running"
    if run.tags and not choice.tagged:
        return "tagged"
    return "latest" if latest.names(run.path) and not choice.latest else ""


def _spared(runs: Sequence[ListedRun], choice: Choice) -> dict[Path, str]:
    """Return why runs stay that the choice of the best ones spares."""
    if choice.best is None:
        return {}
    found: dict[Path, str] = {}
    for task in {run.task for run in runs}:
        group = [run for run in runs if run.task == task]
        finished = [run for run in group if run.state == FINISHED and run.summary["metrics"]]
        metric = choice.metric or _headline(finished)
        ranked = [run for run in finished if run.metrics.get(metric) is not None]
        best = ordered(ranked, metric)[: choice.best]
        found |= {run.path: "without the metric" for run in group if run not in ranked}
        found |= {run.path: "best" for run in best}
    return found


def _headline(runs: Sequence[ListedRun]) -> str:
    names = (name for run in runs for name in [*run.summary["headline"], *run.metrics])
    return next(names, "")


def remove(run: ListedRun, say: Callable[[str], None]) -> None:
    """Remove a run; `latest` names another one afterwards, or is gone.

    Raises:
        InUse: a process is at work in it.
        RunFailed: it cannot be removed; what is left of it is hidden, and goes with the next run.
    """
    remedy = "change its permissions"
    hidden = run.path.with_name(f".{run.path.name}.tmp")
    lock = locks.acquire(run.path, say, remedy=remedy)
    try:
        os.rename(run.path, hidden)
        lock.folder = hidden
        latest.replace_dangling(run.path.parent, say)
    except OSError as error:
        raise RunFailed(cannot_write(run.path, error, remedy)) from error
    finally:
        lock.release()
    try:
        shutil.rmtree(hidden)
    except OSError as error:
        raise RunFailed(cannot_write(hidden, error, remedy)) from error
