"""What a model gets in `fit`: progress, scalars, checkpoints and a way to stop."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, NoReturn

from nntasks.errors import Diverged, Interrupted
from nntasks.interfaces import Metric, Model, Split
from nntasks.machine import progress, stopping
from nntasks.machine.distributed import Workers
from nntasks.run_folder import RunFolder
from nntasks.run_folder.checkpoints import Checkpoints
from nntasks.runner import recovery
from nntasks.runner.evaluation import Evaluation, evaluate
from nntasks.runner.logs import Logs
from nntasks.seeding import Seeds
from nntasks.storage.atomic_write import to_json


class Headline(NamedTuple):
    """The value that is shown after a validation."""

    name: str
    value: float

    def __str__(self) -> str:
        return f"validation {self.name} {self.value:.4f}"


class Run:
    """The handle of one run.

    Attributes:
        folder: the run's folder; only the main process writes there.
        seeds: the random streams.
        workers: the processes that share the run.
        checkpoints: where to save, and where to resume from.
        headline: the most important metrics, first.
        fingerprint: identifies the data; checkpoints keep it for `--resume`.
        logs: the open loggers; None where nothing is logged.
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
        self.checkpoints = Checkpoints(folder.checkpoints, self._beside_checkpoints)
        self.fingerprint: Mapping[str, Any] = {}
        self.logs: Logs | None = None
        self._metrics = metrics
        self._batch_size = batch_size
        self._quiet = quiet
        self._stop = 0  # the signal that asked for it
        self._saved_at = time.monotonic()

    def scalars(self, *, split: str, step: int, epoch: float, **values: float) -> None:
        """Add a row to metrics.jsonl: `split` is train, validation or test."""
        if self.workers.is_main:
            self.folder.add_scalars({"split": split, "step": step, "epoch": epoch, **values})
            if self.logs:
                self.logs.scalars(split, step, epoch, values)

    def flush(self) -> None:
        """Put the rows on disk."""
        if self.workers.is_main:
            self.folder.write_history()
            if self.logs:
                self.logs.flush()

    @property
    def rows(self) -> int:
        """The number of rows. Checkpoints keep it, so that a resumed run drops later rows."""
        return len(self.folder.history)

    def rewind(self, rows: int, epochs: int) -> None:
        """Drop the rows that were added after a checkpoint, and the hashes of later epochs."""
        if self.workers.is_main:
            del self.folder.history[rows:]
            hashes = self.folder.hashes
            hashes[:] = [row for row in hashes if row.get("epoch", 0) <= epochs]

    def _beside_checkpoints(self) -> dict[str, bytes]:
        return {
            recovery.ROWS: self.folder.history_text().encode(),
            recovery.HASHES: self.folder.hashes_text().encode(),
            recovery.DATA: to_json(dict(self.fingerprint)).encode(),
        }

    def say(self, line: str) -> None:
        """Print a line of progress to stderr and keep it in log.txt."""
        if self.workers.is_main:
            self.folder.log(line)
            if not self._quiet:
                print(line, file=sys.stderr, flush=True)

    def bar(self, what: str, total: int) -> AbstractContextManager[progress.Advance]:
        """Return a progress bar (see `nntasks.machine.progress.bar`)."""
        return progress.bar(what, total, show=self.workers.is_main and not self._quiet)

    def evaluate(self, model: Model, split: Split) -> Evaluation:
        """Measure the model on a split with the run's metrics."""
        return evaluate(
            model, split, self._metrics, batch_size=self._batch_size, workers=self.workers
        )

    def validate(self, model: Model, split: Split, *, step: int, epoch: int) -> Headline | None:
        """Evaluate on the validation split, add the row, and return the headline metric.

        Returns:
            The first of the task's headline metrics that was measured, else the first of all; None
            where nothing was measured.
        """
        values = self.evaluate(model, split).values
        measured = model.validation_loss
        loss = None if measured is None else measured.mean(self.workers)
        more = {} if loss is None else {"loss": loss}
        self.scalars(split="validation", step=step, epoch=epoch, **(more | values))
        name = next((n for n in self.headline if n in values), next(iter(values), None))
        return None if name is None else Headline(name, values[name])

    def hashed(self, epoch: int, step: int, hashes: Mapping[str, str]) -> None:
        """Add the hashes of a completed epoch to hashes.jsonl, which `keep_hashes` writes."""
        if self.workers.is_main:
            self.folder.hashes.append({"epoch": epoch, "step": step, **hashes})

    def keep_hashes(self) -> None:
        """Write hashes.jsonl; checkpoints have a copy, so this is due at the end alone."""
        if self.workers.is_main and self.folder.hashes:
            self.folder.write_hashes()

    def diverged(
        self,
        accident: Mapping[str, Any],
        cause: str,
        steps: Sequence[Mapping[str, Any]],
        advice: str,
    ) -> NoReturn:
        """End the run with one line because a value is not finite; leave a black box.

        Args:
            accident: the content of black_box/accident.json, with `what`, `at` and `lr`.
            cause: the value that went first, in a few words.
            steps: the rows of black_box/steps.csv.
            advice: what to try, such as "try a lower lr".

        Raises:
            Diverged: always; the rows are on disk.
        """
        self.flush()
        self.keep_hashes()
        last = self.checkpoints.latest()
        kept = f"the last good checkpoint is {last.path}" if last else "no checkpoint was due yet"
        place = self.folder.write_black_box(accident, steps)
        raise Diverged(
            f"{accident['what']} at {accident['at']}, learning rate {accident['lr']:.3g}; {cause}; "
            f"{kept}; {advice}; black box: {place}; replay it with: "
            f"nntasks verify {self.folder.path} --accident",
            accident,
        )

    def save_if_due(self, seconds: float, save: Callable[[], None]) -> None:
        """Call `save` if the last save was `seconds` ago or the user asked to stop.

        All processes must call this at the same step. Either all save or none does; the main
        process's clock decides.

        Raises:
            Interrupted: the user asked to stop; the checkpoint is written.
        """
        stop = self.workers.any(bool(self._stop))
        due = self.workers.is_main and time.monotonic() - self._saved_at >= seconds
        if stop or self.workers.any(due):
            save()
            self._saved_at = time.monotonic()
        if stop:
            stopped = Interrupted(
                f"interrupted; a checkpoint is written; continue with --resume {self.folder.path}"
            )
            stopped.number = self._stop
            raise stopped

    @contextlib.contextmanager
    def stopping_politely(self) -> Iterator[None]:
        """Let Ctrl-C and the signals of schedulers end the run at the next `save_if_due`.

        A second Ctrl-C ends it at once. Schedulers repeat their signals, or send several.
        """

        def request(number: int, frame: Any) -> None:
            if self._stop and number == signal.SIGINT:
                raise KeyboardInterrupt
            self._stop = self._stop or number

        try:
            before = {s: signal.signal(s, request) for s in stopping.ALL}
        except ValueError:  # not in the main thread: signals stay with whoever owns them
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
