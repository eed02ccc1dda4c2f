"""A training repeated from its configuration and seed, compared wherever the run left something."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nntasks import contracts
from nntasks.errors import Diverged, Interrupted, UsageError
from nntasks.interfaces import Model, Splits, Task
from nntasks.machine.distributed import Workers
from nntasks.run_folder import RunFolder
from nntasks.run_folder.checkpoints import Checkpoint, Checkpoints
from nntasks.runner.handle import Run
from nntasks.runner.session import Session
from nntasks.runner.weights import starting_model
from nntasks.verification import numbers
from nntasks.verification.comparison import Comparison
from nntasks.verification.machine import Change
from nntasks.verification.stretch import Stretch, starting_point, stored_checkpoints
from nntasks.verification.verdict import Replayed


class Enough(Exception):
    """The stretch is done, or the first difference is known."""


class ReplayedRun(Run):
    """The handle of a repeated training: it compares what others write.

    Attributes:
        comparison: receives rows, hashes and checkpoints.
        steps_left: how many steps remain; None for all.
        stops_early: whether the first different tensor ends it.
    """

    comparison: Comparison
    steps_left: int | None = None
    stops_early: bool = True

    def scalars(self, *, split: str, step: int, epoch: float, **values: float) -> None:
        """Compare a row with that of the run."""
        super().scalars(split=split, step=step, epoch=epoch, **values)
        if self.workers.is_main:
            self.comparison.row(len(self.folder.history) - 1, self.folder.history[-1])

    def hashed(self, epoch: int, step: int, hashes: Mapping[str, str]) -> None:
        """Compare the hashes of an epoch with those of the run."""
        self.comparison.hashes(epoch, hashes)

    def flush(self) -> None:
        """Write nothing."""

    def keep_hashes(self) -> None:
        """Write nothing."""

    def save_if_due(self, seconds: float, save: Callable[[], None]) -> None:
        """Compare the checkpoint of this step, if the run kept one, and count the step."""
        save()
        self.comparison.steps += 1
        if self.workers.any(bool(self._stop)):
            raise Interrupted("interrupted; the run that was checked is unchanged")
        if self.steps_left is not None:
            self.steps_left -= 1
        over = self.steps_left == 0 or (self.stops_early and self.comparison.in_tensors)
        if self.workers.any(over):
            raise Enough

    def diverged(
        self,
        accident: Mapping[str, Any],
        cause: str,
        steps: Sequence[Mapping[str, Any]],
        advice: str,
    ) -> NoReturn:
        """End the training without another black box."""
        what, at = accident["what"], accident["at"]
        raise Diverged(f"{what} at {at}; {cause}", accident)


class _ComparedCheckpoints(Checkpoints):
    """Compares checkpoints instead of writing them."""

    def __init__(self, start: Checkpoint | None, comparison: Comparison) -> None:
        super().__init__(Path())
        self._start, self._comparison = start, comparison

    def latest(self) -> Checkpoint | None:
        """Return the checkpoint to start from."""
        return self._start

    def save(
        self, step: int, groups: Mapping[str, Mapping[str, Any]], state: Mapping[str, Any]
    ) -> None:
        """Compare the arrays of a step for which the run has a checkpoint."""
        self._comparison.checkpoint(step, groups)


def replay_training(
    folder: RunFolder,
    task: Task,
    splits: Splits,
    workers: Workers,
    stretch: Stretch,
    environment: Sequence[Change],
    *,
    quiet: bool,
) -> Replayed:
    """Repeat a training, or a stretch of it, and compare.

    Args:
        folder: the run; nothing in it is changed.
        task, splits, workers: of the run.
        stretch: what to repeat.
        environment: what differs from the run's. Without differences, the first different tensor
            ends the training, as numbers cannot be expected to agree again.
        quiet: whether to print no progress.

    Raises:
        UsageError: the run trained nothing, or the stretch holds nothing to compare.
    """
    if task.config.weights is not None:
        raise UsageError(
            f"--replay: {folder.path} trained nothing, it evaluated {task.config.weights}"
        )
    model, _ = starting_model(task, splits, None)
    with replaying(folder, task, splits, workers, stretch, quiet=quiet) as run:
        run.stops_early = not environment
        ended = _fit(model, splits, run)
        found = run.comparison
        if ended:
            found.final(model.state(), folder.checkpoints / "final" / "model.safetensors")
        done = found.replayed()
        if ended and workers.any(bool(done.first)):
            done.numbers = _numbers(folder, model, run, task, splits)
    if workers.is_main and not done.compared:
        raise UsageError(
            f"--steps: the run recorded nothing between steps {done.start} and "
            f"{done.start + done.steps}; give more steps"
        )
    return done


def _fit(model: Model, splits: Splits, run: ReplayedRun) -> bool:
    """Train; return whether the training came to its end."""
    try:
        model.fit(splits.train, validation=splits.validation, run=run)
    except Enough:
        return False
    except Diverged as error:
        run.comparison.differ(str(error))
        return False
    return True


@contextlib.contextmanager
def replaying(
    folder: RunFolder,
    task: Task,
    splits: Splits,
    workers: Workers,
    stretch: Stretch,
    *,
    quiet: bool,
) -> Iterator[ReplayedRun]:
    """Yield the handle of a training that is compared with `folder`, in a temporary folder."""
    start = starting_point(folder, stretch)
    metrics = contracts.task_metrics(task, splits.info)
    size = int(getattr(task.config, "evaluation_batch", 32))
    with tempfile.TemporaryDirectory(prefix="nntasks-replay-") as place:
        own = RunFolder(Path(place))
        run = ReplayedRun(own, task.context.seeds, workers, metrics, task.headline, size, quiet)
        step = start.state["progress"]["step"] if start else 0
        own.history = folder.history[: start.state["progress"]["rows"]] if start else []
        run.comparison = Comparison(folder.history, folder.hashes, stored_checkpoints(folder), step)
        run.checkpoints = _ComparedCheckpoints(start, run.comparison)
        run.steps_left = stretch.steps
        yield run


def _numbers(
    folder: RunFolder, model: Model, run: ReplayedRun, task: Task, splits: Splits
) -> numbers.Compared:
    session = Session(task, splits, run.folder, run.workers, True, {})
    stored = folder.summary()
    assert stored is not None
    return numbers.compare(stored, session.summary(model, session.evaluate(model)))
