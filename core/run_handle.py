"""What a model gets while it is fitted: progress, scalars, checkpoints, and a way to be stopped."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from core import progress
from core.checkpoints import Checkpoints
from core.distributed import Workers
from core.errors import Interrupted
from core.evaluation import Evaluation, evaluate
from core.interfaces import Metric, Model, Split
from core.run_folder import RunFolder
from core.seeding import Seeds


class Run:
    """The handle of one run.

    Attributes:
        folder: the run's folder; only the main process writes there.
        seeds: the random streams.
        workers: the processes that share the run.
        checkpoints: where to save, and whence to resume.
        headline: the metrics that matter most, first.
    """

    def __init__(
        self,
        folder: RunFolder,
        seeds: Seeds,
        workers: Workers,
        metrics: Mapping[str, Metric],
        headline: tuple[str, ...],
        batch_size: int,
        quiet: bool = False,
    ) -> None:
        self.folder = folder
        self.seeds = seeds
        self.workers = workers
        self.headline = headline
        self.checkpoints = Checkpoints(folder.checkpoints)
        self._metrics = metrics
        self._batch_size = batch_size
        self._quiet = quiet
        self._stop = False

    def scalars(self, *, split: str, step: int, epoch: float, **values: float) -> None:
        """Add a row to metrics.jsonl: `split` is train, validation or test."""
        if self.workers.is_main:
            self.folder.add_scalars({"split": split, "step": step, "epoch": epoch, **values})

    def flush(self) -> None:
        """Put the rows on disk."""
        if self.workers.is_main:
            self.folder.write_history()

    @property
    def rows(self) -> int:
        """How many rows were added; kept in checkpoints, so that a resumed run drops later ones."""
        return len(self.folder.history)

    def rewind(self, rows: int) -> None:
        """Drop the rows that were added after a checkpoint."""
        del self.folder.history[rows:]

    def say(self, line: str) -> None:
        """Print a line of progress to stderr and keep it in log.txt."""
        if self.workers.is_main:
            self.folder.log(line)
            if not self._quiet:
                print(line, file=sys.stderr, flush=True)

    def bar(self, what: str, total: int) -> AbstractContextManager[progress.Advance]:
        """Return a progress bar (see `core.progress.bar`)."""
        return progress.bar(what, total, show=self.workers.is_main and not self._quiet)

    def evaluate(self, model: Model, split: Split) -> Evaluation:
        """Measure the model on a split with the run's metrics."""
        return evaluate(
            model, split, self._metrics, batch_size=self._batch_size, workers=self.workers
        )

    @property
    def stop_requested(self) -> bool:
        """Whether the user asked to stop: save a checkpoint, then call `interrupted`."""
        return self.workers.any(self._stop)

    def interrupted(self) -> Interrupted:
        """Return the error that ends an interrupted run."""
        return Interrupted(
            f"interrupted; a checkpoint is written, go on with --resume {self.folder.path}"
        )

    @contextlib.contextmanager
    def stopping_politely(self) -> Iterator[None]:
        """Turn Ctrl-C and SIGTERM into `stop_requested`; a second Ctrl-C stops at once."""

        def request(number: int, frame: Any) -> None:
            if self._stop:
                raise KeyboardInterrupt
            self._stop = True

        try:
            before = {s: signal.signal(s, request) for s in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not in the main thread: signals stay with whoever owns them
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
