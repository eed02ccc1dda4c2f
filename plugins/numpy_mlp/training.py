"""Training in NumPy: resumable to the bit, as a step follows from (seed, epoch, step).

It is to NumPy what `nntasks.training.loop` is to torch: the same schedule, streams, rows and
checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np

from nntasks.interfaces import RunHandle, Split
from nntasks.plugins.numpy_mlp.layers.base import Array, Context
from nntasks.plugins.numpy_mlp.loss import cross_entropy
from nntasks.plugins.numpy_mlp.model import NumpyModel
from nntasks.plugins.numpy_mlp.optimizers import build_optimizer
from nntasks.training.schedules import factor

ROWS_PER_EPOCH = 10  # training rows in metrics.jsonl


@dataclass
class Progress:
    """How far the training has come; kept in checkpoints."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    rows: int = 0
    loss: float = 0.0  # sum since the last row
    right: int = 0
    seen: int = 0


class Training:
    """One training of one model."""

    def __init__(
        self, model: NumpyModel, train: Split, validation: Split | None, run: RunHandle
    ) -> None:
        self.model, self.run, self.config = model, run, model.config
        self._train, self._validation = train, validation
        self.batch_size = min(self.config.batch_size, len(train))
        self.batches = len(train) // self.batch_size
        self.progress = Progress()
        self._note = ""

    def run_to_end(self) -> None:
        """Train until the last epoch, from the newest checkpoint if there is one."""
        with self.run.stopping_politely():
            self._set_up()
            while self.progress.epoch < self.config.epochs:
                self._train_epoch()
        if self.average is not None:
            self.model.network.load_state(self.average)

    def _set_up(self) -> None:
        self.optimizer = build_optimizer(self.model.network, self.config)
        checkpoint = self.run.checkpoints.latest()
        if checkpoint is None:
            self.run.rewind(0)
            if self.config.pretrained is None:
                self.model.standardise_like(self._train)
            self.average = self._copy() if self.config.average else None
            return
        self.model.load_state(checkpoint.arrays("model"))
        self.progress = Progress(**checkpoint.state["progress"])
        if self.optimizer.moments:
            self.optimizer.load(checkpoint.arrays("optimizer"), self.progress.step)
        self.average = None
        if self.config.average:
            stored = checkpoint.arrays("average")
            self.average = {name: np.array(value) for name, value in stored.items()}
        self.run.rewind(self.progress.rows)
        self.run.say(
            f"resuming at epoch {self.progress.epoch + 1}, batch {self.progress.batch + 1}"
        )

    def _copy(self) -> dict[str, Array]:
        return {name: value.copy() for name, value in self.model.network.state().items()}

    def _train_epoch(self) -> None:
        progress = self.progress
        what = f"epoch {progress.epoch + 1}/{self.config.epochs}"
        with self.run.bar(what, self.batches) as advance:
            advance(progress.batch)
            for indices in self._indices():
                self._step(indices)
                progress.batch += 1
                progress.step += 1
                self._log()
                advance(note=self._note)
                if progress.batch < self.batches:
                    self.run.save_if_due(self.config.checkpoint_seconds, self._save)
        self._end_epoch()

    def _indices(self) -> Iterator[Array]:
        """Yield the batches of this epoch that are left; the incomplete last one is left out."""
        order = self.model.seeds.numpy("data", self.progress.epoch).permutation(len(self._train))
        whole = order[: self.batches * self.batch_size].reshape(self.batches, self.batch_size)
        return iter(whole[self.progress.batch :])

    def _step(self, indices: Array) -> None:
        progress, seeds = self.progress, self.model.seeds
        place = (progress.epoch, progress.batch)
        batch = self._train.batch(indices, epoch=progress.epoch)  # type: ignore[arg-type]
        inputs = batch.inputs
        if self.config.shift and inputs.ndim == 4:
            inputs = shifted(inputs, self.config.shift, seeds.numpy("shift", *place))
        context = Context(training=True, rng=seeds.numpy("dropout", *place))
        with np.errstate(over="ignore", invalid="ignore"):  # said in one line below
            logits = self.model.network.forward(self.model.prepared(inputs), context)
            loss, gradient = cross_entropy(logits, batch.targets)
        lr = self.config.lr * factor(self.config, progress.step, self.batches)
        self.run.require_finite(
            loss,
            at=f"epoch {progress.epoch + 1}, step {progress.step + 1}",
            lr=lr,
            advice="try a lower lr",
        )
        self.model.network.backward(gradient)
        self.optimizer.step(lr)
        self._average()
        progress.loss += loss * len(indices)
        progress.right += int((logits.argmax(axis=1) == batch.targets).sum())
        progress.seen += len(indices)

    def _average(self) -> None:
        if self.average is None:
            return
        decay = min(self.config.average, (1 + self.progress.step) / (10 + self.progress.step))
        for name, value in self.model.network.state().items():
            own = self.average[name]
            own += own.dtype.type(1 - decay) * (value - own)

    def _log(self) -> None:
        progress = self.progress
        due = progress.batch * ROWS_PER_EPOCH // self.batches
        if due == (progress.batch - 1) * ROWS_PER_EPOCH // self.batches:
            return
        loss, accuracy = progress.loss / progress.seen, progress.right / progress.seen
        lr = self.config.lr * factor(self.config, progress.step - 1, self.batches)
        self.run.scalars(
            split="train",
            step=progress.step,
            epoch=progress.epoch + progress.batch / self.batches,
            lr=lr,
            loss=loss,
            accuracy=accuracy,
        )
        self._note = f"loss {loss:.4f}"
        progress.loss, progress.right, progress.seen = 0.0, 0, 0

    def _end_epoch(self) -> None:
        progress, every = self.progress, self.config.validate_every
        line = f"epoch {progress.epoch + 1}/{self.config.epochs}  {self._note}"
        progress.epoch += 1
        progress.batch = 0
        last = progress.epoch == self.config.epochs
        if self._validation is not None and every and (progress.epoch % every == 0 or last):
            line += self._validate(self._validation)
        self.run.say(line)
        self.run.flush()
        self.run.save_if_due(self.config.checkpoint_seconds, self._save)

    def _validate(self, split: Split) -> str:
        own = self.model.network.state() if self.average is not None else None
        if self.average is not None:
            self.model.network.load_state(self.average)
        progress = self.progress
        found = self.run.validate(self.model, split, step=progress.step, epoch=progress.epoch)
        if own is not None:
            self.model.network.load_state(own)
        return f"  {found}" if found else ""

    def _save(self) -> None:
        self.progress.rows = self.run.rows
        self.run.flush()
        groups = {"model": self.model.state()}
        if self.optimizer.moments:
            groups["optimizer"] = self.optimizer.arrays()
        if self.average is not None:
            groups["average"] = self.average
        self.run.checkpoints.save(self.progress.step, groups, {"progress": asdict(self.progress)})


def shifted(pictures: Array, most: int, rng: np.random.Generator) -> Array:
    """Move each picture (N, H, W, C) by up to `most` pixels down and across; what comes in is 0."""
    padded = np.pad(pictures, ((0, 0), (most, most), (most, most), (0, 0)))
    height, width = pictures.shape[1:3]
    tops, lefts = rng.integers(0, 2 * most + 1, size=(2, len(pictures)))
    rows = tops[:, None, None] + np.arange(height)[None, :, None]
    columns = lefts[:, None, None] + np.arange(width)[None, None, :]
    return padded[np.arange(len(pictures))[:, None, None], rows, columns]
