"""Checks of runs: a resumed one equals an undisturbed one, two processes equal one."""

from __future__ import annotations

import functools
import pickle
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.config import flatten
from nntasks.errors import Interrupted
from nntasks.interfaces import Batch, Metric, Model, Split, Splits, Task
from nntasks.machine.distributed import ALONE, Workers
from nntasks.run_folder import RunFolder
from nntasks.run_folder.array_files import load_arrays
from nntasks.runner.evaluation import evaluate
from nntasks.runner.handle import Run
from nntasks.testing.chance import other_chance
from nntasks.testing.equality import differing, first_difference

_SAMPLES = 24  # that are evaluated by one process and by two


class _StoppedRun(Run):
    """A run that is interrupted at a step, as Ctrl-C would, with a checkpoint."""

    steps_left: int

    def save_if_due(self, seconds: float, save: Callable[[], None]) -> None:
        """Count the steps; at the last save and stop."""
        self.steps_left -= 1
        if self.steps_left == 0:
            save()
            raise Interrupted("stopped by the check")


def check_resume(task: Task, splits: Splits | None = None, *, steps: int = 3) -> None:
    """Check that a training that is stopped and resumed goes on as if nothing had happened.

    One training does twice `steps` steps, another stops half-way and is resumed. Their weights,
    and whatever else their checkpoints hold, are compared to the last bit. The global generators
    of Python, NumPy and torch are other ones each time. Nothing is checked where there is no
    training split.
    """
    splits = splits or contracts.load_data(task)
    if splits.train is None:
        return
    with tempfile.TemporaryDirectory() as place:
        whole, parts = Path(place, "whole"), Path(place, "parts")
        undisturbed = _train(task, splits, whole, 2 * steps, chance=1)
        _train(task, splits, parts, steps, chance=2)
        resumed = _train(task, splits, parts, steps, chance=3)
    name = differing(undisturbed, resumed)
    assert not name, (
        f"a resumed training must equal an undisturbed one, but {name!r} differs after "
        f"{2 * steps} steps"
    )


def _train(task: Task, splits: Splits, place: Path, steps: int, *, chance: int) -> dict[str, Any]:
    """Train so many steps, from the checkpoint in `place` if there is one; return all arrays."""
    if not place.is_dir():
        name = task.context.task
        RunFolder.create(place, name, flatten(task.config), {}).path.rename(place / "run")
    with other_chance(chance):
        model = contracts.task_model(task, splits.info)
        metrics = contracts.task_metrics(task, splits.info)
        folder = RunFolder.open(place / "run")
        run = _StoppedRun(folder, task.context.seeds, ALONE, metrics, task.headline, 32, True)
        run.steps_left = steps
        try:
            model.fit(splits.train, validation=splits.validation, run=run)
        except Interrupted:
            return _checkpoint(run)
    return dict(model.state())


def _checkpoint(run: Run) -> dict[str, Any]:
    checkpoint = run.checkpoints.latest()
    assert checkpoint is not None, "save_if_due() was given a function that saves no checkpoint"
    return {
        f"{file.stem}: {name}": array
        for file in sorted(checkpoint.path.glob("*.safetensors"))
        for name, array in load_arrays(file, _framework()).items()
    }


def _framework() -> Any:
    import sys

    return "torch" if "torch" in sys.modules else "numpy"


class _Sent(Exception):
    """A process has handed over what it measured."""


class _Peer(Workers):
    """A process among others that are played one after the other; the main one comes last."""

    letters: list[bytes]

    def reduce(self, value: Any, merge: Callable[[Any, Any], Any]) -> Any:
        """Send the value by pickle, as between processes; the main one merges all."""
        if self.rank:
            self.letters.append(pickle.dumps(value))
            raise _Sent
        return functools.reduce(merge, map(pickle.loads, reversed(self.letters)), value)

    def broadcast(self, value: Any) -> Any:
        """Return the value, as the main process does; the others have stopped by then."""
        return value


class _First(Split):
    """The first samples of a split."""

    def __init__(self, split: Split, count: int) -> None:
        self._split, self._count = split, min(count, len(split))

    def __len__(self) -> int:
        return self._count

    def batch(self, indices: Sequence[int], *, epoch: int | None = None) -> Batch:
        return self._split.batch(indices, epoch=epoch)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._split, name)


def check_processes(model: Model, split: Split, metrics: Mapping[str, Metric]) -> None:
    """Check that two processes, which share the batches, measure what one does, to the last bit."""
    few = _First(split, _SAMPLES)
    size = max(1, len(few) // 5)
    alone = evaluate(model, few, metrics, batch_size=size).values
    letters: list[bytes] = []
    for rank in (1, 0):
        peer = _Peer(rank, 2)
        object.__setattr__(peer, "letters", letters)
        try:
            together = evaluate(model, few, metrics, batch_size=size, workers=peer)
        except _Sent:
            continue
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise AssertionError(
                f"metrics travel between processes by pickle, but: {error}"
            ) from error
        difference = first_difference(alone, together.values)
        assert not difference, f"two processes must measure what one does: {difference}"
