"""THE epoch loop: steps, rows, hashes, checkpoints, resuming, validation, early stopping.

The loop is independent of frameworks. A `Trainer` defines a step and the arrays to save; torch,
NumPy and word2vec each have one. A step is a function of (seed, epoch, batch) and of the arrays
before it, so a checkpoint of these arrays and of `Progress` is enough to resume bit-identically.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any

from nntasks.interfaces import Model, RunHandle, Split
from nntasks.run_folder.checkpoints import Checkpoint
from nntasks.training import epoch_hashes
from nntasks.training.black_box import BlackBox, Cause
from nntasks.training.config import LoopConfig
from nntasks.training.schedules import drop

ROWS_PER_EPOCH = 10  # training rows in metrics.jsonl

Sums = dict[str, float]


@dataclass
class Progress:
    """The progress of training, stored in checkpoints as JSON.

    Attributes:
        epoch: completed epochs.
        batch: completed steps of the current epoch.
        step: completed steps in total.
        rows: rows of metrics.jsonl.
        best: the best validation; None before the first.
        epochs_since_best: epochs since the best validation.
        plateau: factor of the learning rate from the drops of schedule=plateau.
        stopped: whether training stopped early.
        row: sums of the steps' values since the last row.
        row_steps: the number of these steps.
        whole: sums since the start of the epoch, up to the last row.
        whole_steps: the number of these steps.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    rows: int = 0
    best: float | None = None
    epochs_since_best: int = 0
    plateau: float = 1.0
    stopped: bool = False
    row: Sums = field(default_factory=dict)
    row_steps: int = 0
    whole: Sums = field(default_factory=dict)
    whole_steps: int = 0


class Trainer(ABC):
    """The framework-specific part of the loop: steps and the arrays to save.

    Attributes:
        model: the model to train.
        run: the handle of the run.
        lr: the learning rate of the last step.
        advice: what to try if the loss is not finite.
        epoch_rows: whether each epoch adds a row with its mean loss, `epoch_loss`.
    """

    lr: float = 0.0
    advice: str = "try a lower lr"
    epoch_rows: bool = False

    def __init__(self, model: Model, run: RunHandle) -> None:
        self.model = model
        self.run = run

    @property
    @abstractmethod
    def steps(self) -> int:
        """The number of steps per epoch."""

    @abstractmethod
    def start(self, checkpoint: Checkpoint | None) -> None:
        """Prepare the next step, from a checkpoint or from the beginning (None)."""

    @abstractmethod
    def batches(self, epoch: int, first: int) -> Iterable[Any]:
        """Yield the input of each step of an epoch, starting at step `first`."""

    @abstractmethod
    def step(self, batch: Any, progress: Progress) -> Sums:
        """Do one step; return its values, including "loss", which the loop sums.

        Each process returns its share, so that the sum over processes is the total.
        """

    def means(self, sums: Mapping[str, float], steps: int) -> dict[str, float]:
        """Return the means for a row from sums over `steps` steps."""
        return {name: total / steps for name, total in sums.items()}

    @abstractmethod
    def groups(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the arrays of a checkpoint by group and name."""

    def state(self) -> Mapping[str, Any]:
        """Return the other state of a checkpoint as JSON values."""
        return {}

    def samples(self, epoch: int) -> Any:
        """Return the samples of each step of an epoch, (steps, ...) integers; None if unknown."""
        return None

    def ids(self, batch: Any) -> Iterable[Any]:
        """Return the names of the samples in the input of a step."""
        return ()

    def norms(self, progress: Progress) -> dict[str, float]:
        """Return `gradient_norm` of the last step, and sometimes `parameter_norm`."""
        return {}

    def first_cause(self, batch: Any, progress: Progress) -> Cause | None:
        """Run a step again that changed nothing as its values were not finite; find the first."""
        return None

    def running(self) -> AbstractContextManager[None]:
        """Return a context manager that is active during training, such as for thread counts."""
        return contextlib.nullcontext()

    def predicting(self) -> AbstractContextManager[None]:
        """Return a context manager in which the model predicts as it would after training."""
        return contextlib.nullcontext()

    @abstractmethod
    def finish(self) -> None:
        """Put the model into its final state; called once, after the last step."""

    def place(self, progress: Progress) -> str:
        """Describe the place of the current step."""
        return f"epoch {progress.epoch + 1}, step {progress.step + 1}"

    def note(self, values: Mapping[str, float]) -> str:
        """Describe the progress from the values of a row or an epoch."""
        return f"loss {values['loss']:.4f}"


class EpochLoop:
    """One training of one model.

    Args:
        trainer: performs the steps.
        config: the keys of the loop.
        validation: the split for validation; None for none.
    """

    def __init__(self, trainer: Trainer, config: LoopConfig, validation: Split | None) -> None:
        self.trainer, self.config, self.run = trainer, config, trainer.run
        self.progress = Progress()
        self._black_box = BlackBox(trainer)
        self._validation = validation if config.validate_every else None
        self._note = ""

    def run_to_end(self) -> None:
        """Train until the last epoch, from the newest checkpoint if there is one."""
        progress, pretrained = self.progress, getattr(self.config, "pretrained", None)
        with self.run.stopping_politely(), self.trainer.running():
            self._start()
            if pretrained is not None and self._validation is not None and not progress.step:
                self.run.say(f"before training{self._validate(self._validation)}")
            while progress.epoch < self.config.epochs and not progress.stopped:
                self._train_epoch()
        self.trainer.finish()

    def _start(self) -> None:
        checkpoint, progress = self.run.checkpoints.latest(), self.progress
        if checkpoint is not None:
            progress.__dict__.update(checkpoint.state["progress"])
        self.run.rewind(progress.rows, progress.epoch)  # later rows will be written again
        self.trainer.start(checkpoint)
        if checkpoint is None:
            return
        if not self.run.workers.is_main:  # the main process keeps the sums of all processes
            progress.row = {}
        self.run.say(
            f"resuming at epoch {progress.epoch + 1}, batch {progress.batch + 1} of "
            f"{self.trainer.steps}"
        )

    def _train_epoch(self) -> None:
        progress, trainer = self.progress, self.trainer
        total = trainer.steps
        with self.run.bar(f"epoch {progress.epoch + 1}/{self.config.epochs}", total) as advance:
            advance(progress.batch)
            for batch in trainer.batches(progress.epoch, progress.batch):
                self._step(batch)
                self._log(total)
                advance(note=self._note)
                if progress.batch < total:
                    self.run.save_if_due(self.config.checkpoint_seconds, self._save)
        self._end_epoch()

    def _step(self, batch: Any) -> None:
        progress, trainer = self.progress, self.trainer
        measured = trainer.step(batch, progress)
        self._black_box.record(batch, measured, progress)
        _add(progress.row, measured)
        progress.row_steps += 1
        progress.batch += 1
        progress.step += 1

    def _log(self, total: int) -> None:
        """Add a row with the means since the last row, ten times per epoch."""
        progress = self.progress
        due = progress.batch * ROWS_PER_EPOCH // total
        if due == (progress.batch - 1) * ROWS_PER_EPOCH // total:
            return
        sums = self._totals()
        values = self.trainer.means(sums, progress.row_steps)
        _add(progress.whole, sums)
        progress.whole_steps += progress.row_steps
        progress.row, progress.row_steps = {}, 0
        self.run.scalars(
            split="train",
            step=progress.step,
            epoch=progress.epoch + progress.batch / total,
            lr=self.trainer.lr,
            **values,
        )
        self._note = self.trainer.note(values)

    def _totals(self) -> Sums:
        """Return the sums over all processes, each of which has its share of every batch."""
        totals: Sums = {}
        for sums in self.run.workers.gather(self.progress.row):
            _add(totals, sums)
        return totals

    def _end_epoch(self) -> None:
        progress, config, trainer = self.progress, self.config, self.trainer
        values = trainer.means(progress.whole, progress.whole_steps)
        line = f"epoch {progress.epoch + 1}/{config.epochs}  {trainer.note(values)}"
        progress.epoch += 1
        epoch_hashes.record(trainer, progress)
        progress.batch, progress.whole, progress.whole_steps = 0, {}, 0
        if trainer.epoch_rows:
            self.run.scalars(
                split="train", step=progress.step, epoch=progress.epoch, epoch_loss=values["loss"]
            )
        if self._validation is not None and (
            progress.epoch % config.validate_every == 0 or progress.epoch == config.epochs
        ):
            line += self._validate(self._validation)
        self.run.say(line)
        if progress.stopped:
            self.run.say(f"stopping early: no improvement for {config.patience} epochs")
        self.run.flush()
        self.run.save_if_due(config.checkpoint_seconds, self._save)

    def _validate(self, split: Split) -> str:
        trainer, progress = self.trainer, self.progress
        with trainer.predicting():
            found = self.run.validate(
                trainer.model, split, step=progress.step, epoch=progress.epoch
            )
        if found is None:
            return ""
        self._judge(found.value)
        return f"  {found}"

    def _judge(self, value: float) -> None:
        """Record whether the validation improved; if not, drop the rate or stop."""
        progress, config = self.progress, self.config
        if progress.best is None or value > progress.best:
            progress.best, progress.epochs_since_best = value, 0
            return
        progress.epochs_since_best += config.validate_every
        progress.plateau *= drop(config, progress.epochs_since_best)
        if config.patience and progress.epochs_since_best >= config.patience:
            progress.stopped = True

    def _save(self) -> None:
        # The main process keeps all sums, so a run may resume with another number of processes.
        totals = self._totals()
        self.progress.row = totals if self.run.workers.is_main else {}
        if not self.run.workers.is_main:
            return
        self.progress.rows = self.run.rows
        self.run.flush()
        state = {"progress": asdict(self.progress), **self.trainer.state()}
        self.run.checkpoints.save(self.progress.step, self.trainer.groups(), state)


def _add(sums: Sums, more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value
