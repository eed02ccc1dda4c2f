"""THE epoch loop: steps, rows, checkpoints, resuming, validation, early stopping.

It knows no framework. A `Trainer` says what a step is and which arrays must be kept; torch, NumPy
and word2vec each have one. A step follows from (seed, epoch, batch) and the arrays before it. That
is why a checkpoint of these arrays and of `Progress` is enough for a resumed run to end with the
same bits.
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
from nntasks.training.config import LoopConfig
from nntasks.training.schedules import drop

ROWS_PER_EPOCH = 10  # training rows in metrics.jsonl

Sums = dict[str, float]


@dataclass
class Progress:
    """How far the training has come; kept in checkpoints as JSON.

    Attributes:
        epoch: epochs that are done.
        batch: steps of the current epoch that are done.
        step: steps since the beginning.
        rows: of metrics.jsonl.
        best: the best validation; None before the first.
        epochs_since_best: epochs since then.
        plateau: factor of the learning rate, from the drops of schedule=plateau.
        stopped: whether training stopped early.
        row: what the steps measured since the last row, summed.
        row_steps: how many steps these are.
        whole: the same since the epoch began, up to the last row.
        whole_steps: how many steps these are.
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
    """What a framework brings to the loop: its steps, and the arrays that must be kept.

    Attributes:
        model: what is trained.
        run: the handle of the run.
        lr: learning rate of the last step.
        advice: what to try where the loss is not finite.
        epoch_rows: whether the mean loss of each epoch gets a row of its own, `epoch_loss`.
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
        """How many steps an epoch has."""

    @abstractmethod
    def start(self, checkpoint: Checkpoint | None) -> None:
        """Get ready for the next step: from a checkpoint, or from the beginning (None)."""

    @abstractmethod
    def batches(self, epoch: int, first: int) -> Iterable[Any]:
        """Yield what each step of an epoch is given, from step `first` on."""

    @abstractmethod
    def step(self, batch: Any, progress: Progress) -> Sums:
        """Do one step; return what it measured, among it "loss", for the loop to add up.

        Several processes each return their share, so that the sum over all is the whole.
        """

    def means(self, sums: Mapping[str, float], steps: int) -> dict[str, float]:
        """Return the values of a row from sums over `steps` steps."""
        return {name: total / steps for name, total in sums.items()}

    @abstractmethod
    def groups(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the arrays that a checkpoint keeps, by group and name."""

    def state(self) -> Mapping[str, Any]:
        """Return what a checkpoint keeps besides, as JSON values."""
        return {}

    def running(self) -> AbstractContextManager[None]:
        """Return what holds while training runs, such as a number of threads."""
        return contextlib.nullcontext()

    def predicting(self) -> AbstractContextManager[None]:
        """Return what makes the model predict as it would after training."""
        return contextlib.nullcontext()

    @abstractmethod
    def finish(self) -> None:
        """Leave the model as it shall predict; called once, after the last step."""

    def place(self, progress: Progress) -> str:
        """Say where the step is that is being done."""
        return f"epoch {progress.epoch + 1}, step {progress.step + 1}"

    def note(self, values: Mapping[str, float]) -> str:
        """Say in a few words how training goes, from the values of a row or an epoch."""
        return f"loss {values['loss']:.4f}"


class EpochLoop:
    """One training of one model.

    Args:
        trainer: does the steps.
        config: the keys of the loop.
        validation: what the model is measured on after epochs; None for nothing.
    """

    def __init__(self, trainer: Trainer, config: LoopConfig, validation: Split | None) -> None:
        self.trainer, self.config, self.run = trainer, config, trainer.run
        self.progress = Progress()
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
        self.run.rewind(progress.rows)  # rows after the checkpoint will be written again
        self.trainer.start(checkpoint)
        if checkpoint is None:
            return
        if not self.run.workers.is_main:  # the main process keeps everybody's sums
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
        self.run.require_finite(
            measured["loss"], at=trainer.place(progress), lr=trainer.lr, advice=trainer.advice
        )
        _add(progress.row, measured)
        progress.row_steps += 1
        progress.batch += 1
        progress.step += 1

    def _log(self, total: int) -> None:
        """Add a row with the means since the last one, ten times an epoch."""
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
        """Add up what the processes summed, each over its own share of every batch."""
        totals: Sums = {}
        for sums in self.run.workers.gather(self.progress.row):
            _add(totals, sums)
        return totals

    def _end_epoch(self) -> None:
        progress, config, trainer = self.progress, self.config, self.trainer
        values = trainer.means(progress.whole, progress.whole_steps)
        line = f"epoch {progress.epoch + 1}/{config.epochs}  {trainer.note(values)}"
        progress.epoch += 1
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
            self.run.say(f"stopping early: no better validation for {config.patience} epochs")
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
        """Note whether the validation got better; drop the rate or stop where it did not."""
        progress, config = self.progress, self.config
        if progress.best is None or value > progress.best:
            progress.best, progress.epochs_since_best = value, 0
            return
        progress.epochs_since_best += config.validate_every
        progress.plateau *= drop(config, progress.epochs_since_best)
        if config.patience and progress.epochs_since_best >= config.patience:
            progress.stopped = True

    def _save(self) -> None:
        # The main process keeps everybody's sums, so that a resumed run may have other processes.
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
