"""The checks of `verify`, in order; each reports what it did to `say`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nntasks import contracts
from nntasks.interfaces import Splits, Task
from nntasks.machine import environment
from nntasks.machine.distributed import Workers
from nntasks.report.formatting import how_many
from nntasks.run_folder import RunFolder
from nntasks.runner import recovery
from nntasks.runner.commands import joined
from nntasks.runner.fingerprint import difference, fingerprint
from nntasks.runner.session import Session
from nntasks.runner.task_making import task_of
from nntasks.runner.weights import starting_model
from nntasks.storage.csv_text import to_csv
from nntasks.verification import machine, numbers, whole_files
from nntasks.verification.replay import replay_training
from nntasks.verification.stretch import Stretch
from nntasks.verification.verdict import TOLERANCE, Verification

Say = Callable[[str], None]


def verify(
    path: Path,
    *,
    stretch: Stretch | None = None,
    tolerance: float = TOLERANCE,
    say: Say = lambda line: None,
    quiet: bool = True,
) -> Verification:
    """Check a run again; nothing in its folder is changed.

    Args:
        path: the folder of the run.
        stretch: the part of the training to repeat; None for none.
        tolerance: the largest difference of a number in another environment, relative to numbers
            above 1.
        say: receives lines of progress.
        quiet: whether a repeated training prints no progress.

    Raises:
        UsageError: there is no run, or nothing to repeat.
        MissingError: its data are not here.
    """
    folder = RunFolder.open(path)
    found = Verification(folder.path, tolerance)
    broken = [*whole_files.checkpoint_damage(folder), *whole_files.file_damage(folder)]
    found.damage += broken
    told = f"{len(broken)} damaged or missing: {broken[0]}" if broken else "all there and whole"
    say(f"files: {told}")
    for line in broken[1:]:
        say(f"  {line}")
    if _can_be_loaded(broken, folder):
        with joined() as workers:
            _check_results(found, folder, workers, say, stretch, quiet)
    elif stretch is not None:
        found.notes.append("the training was not repeated, as files are damaged")
    found.changed = [line for line in whole_files.changed_files(folder) if line not in broken]
    for line in found.changed:
        say(f"changed since the run ended: {line}")
    for note in found.notes:
        say(note)
    return found


def _can_be_loaded(broken: list[str], folder: RunFolder) -> bool:
    """Return whether task and weights can be used in spite of damage elsewhere."""
    vital = ("config.yaml", "checkpoints/final", "summary.json", "environment.json", "the run")
    return not any(line.startswith(vital) for line in broken)


def _check_results(
    found: Verification,
    folder: RunFolder,
    workers: Workers,
    say: Say,
    stretch: Stretch | None,
    quiet: bool,
) -> None:
    task = task_of(folder)
    splits = contracts.load_data(task)
    model, _ = starting_model(task, splits, _final(folder))
    _check_data(found, folder, splits, say)
    _check_environment(found, folder, task, workers, say)
    with _elsewhere(task, splits, workers) as session:
        evaluation = session.evaluate(model)
        stored = folder.summary()
        assert stored is not None
        found.numbers = numbers.compare(stored, session.summary(model, evaluation))
        say(f"numbers: {found.numbers.count} computed again, {found.numbers.differing} differ")
        if not found.numbers.differing and (folder.path / "items.csv").is_file():
            rows = to_csv(task.items(session.outcome(model, evaluation)))
            found.damage += _changed_items(folder, rows)
    if stretch is not None and not found.data:
        found.replay = replay_training(
            folder, task, splits, workers, stretch, found.environment, quiet=quiet
        )
    if not folder.hashes and _final(folder) is not None:
        found.notes.append(
            "made by an earlier version: there are no hashes of its epochs and samples to compare"
        )


def _check_data(found: Verification, folder: RunFolder, splits: Splits, say: Say) -> None:
    before = recovery.stored_fingerprint(folder)
    if not before:
        found.notes.append("made by an earlier version: there is no fingerprint of its data")
        return
    found.data = difference(before, fingerprint(splits))
    say(f"data: {found.data or 'the same'}")


def _check_environment(
    found: Verification, folder: RunFolder, task: Task, workers: Workers, say: Say
) -> None:
    now = environment.describe(task.context.registry)
    now["processes"] = workers.size
    found.environment = machine.changes(folder.read_json("environment.json") or {}, now)
    count = len(found.environment)
    say(f"environment: {how_many(count, 'difference') if count else 'no differences'}")
    for change in found.environment:
        say(f"  {change}")


@contextmanager
def _elsewhere(task: Task, splits: Splits, workers: Workers) -> Iterator[Session]:
    """Yield a session whose folder is temporary, as nothing of the run may change."""
    with tempfile.TemporaryDirectory(prefix="nntasks-verify-") as place:
        yield Session(task, splits, RunFolder(Path(place)), workers, True, {})


def _changed_items(folder: RunFolder, now: str) -> list[str]:
    """Compare items.csv with the rows of the same numbers."""
    stored = (folder.path / "items.csv").read_text(encoding="utf-8", errors="replace")
    if stored.splitlines() == now.splitlines():
        return []
    pairs = enumerate(zip(stored.splitlines(), now.splitlines(), strict=False), 1)
    line = next((n for n, (old, new) in pairs if old != new), None)
    return [f"items.csv: line {line} has changed" if line else "items.csv has lost or gained rows"]


def _final(folder: RunFolder) -> Path | None:
    path = folder.checkpoints / "final" / "model.safetensors"
    return path if path.is_file() else None
