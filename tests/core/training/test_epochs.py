"""The epoch loop with a trainer of plain numbers: rows, validations, stops, resumed runs."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import Interrupted
from nntasks.interfaces import Batch, Metric, Model, Split
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds
from nntasks.training.config import LoopConfig
from nntasks.training.epochs import ROWS_PER_EPOCH, EpochLoop, Progress, Trainer


class Number(Model):
    """Learns to count its steps; `quality` gives what each validation measures."""

    def __init__(self, quality=()):
        self.value, self.quality = 0.0, list(quality)

    def fit(self, train, *, validation, run): ...

    def predict(self, batch):
        return [self.quality.pop(0) if self.quality else self.value]

    def state(self):
        return {"value": np.array(self.value)}

    def load_state(self, state): ...


class One(Split):
    def __len__(self):
        return 1

    def batch(self, indices, *, epoch=None):
        return Batch([0], [0], ["a"])


class Mean(Metric):
    def reset(self):
        self.seen = []

    def update(self, predictions, targets, ids):
        self.seen += predictions

    def merge(self, other):
        self.seen += other.seen

    def compute(self):
        return {"quality": sum(self.seen) / len(self.seen)}

    def definitions(self):
        return {"quality": "the mean"}


class Counting(Trainer):
    """Its loss is the number of the step; `stop_at` asks for a polite stop."""

    stop_at = None
    finished = 0

    def __init__(self, model, run, steps=4):
        super().__init__(model, run)
        self.count, self.seen = steps, []

    @property
    def steps(self):
        return self.count

    def start(self, checkpoint):
        if checkpoint is not None:
            self.model.value = float(checkpoint.arrays("model")["value"])

    def batches(self, epoch, first):
        return iter([(epoch, number) for number in range(first, self.count)])

    def step(self, batch, progress):
        self.seen.append(batch)
        self.model.value += 1
        self.lr = 0.5
        if progress.step + 1 == self.stop_at:
            self.run._stop = 2
        return {"loss": float(progress.step + 1)}

    def groups(self):
        return {"model": self.model.state()}

    def finish(self):
        self.finished += 1


@pytest.fixture
def run(tmp_path):
    metric = Mean()
    metric.reset()
    folder = RunFolder.create(tmp_path, "numbers", {}, {})
    return Run(folder, Seeds(0), ALONE, {"mean": metric}, ("quality",), 1, quiet=True)


def train(run, *, quality=(), validation=None, trainer=None, **keys):
    trainer = trainer or Counting(Number(quality), run)
    EpochLoop(trainer, LoopConfig(**keys), validation).run_to_end()
    return trainer


def rows(run, split):
    return [row for row in run.folder.history if row["split"] == split]


def log(run):
    return (run.folder.path / "log.txt").read_text()


def test_every_batch_of_every_epoch_once(run):
    trainer = train(run, epochs=2)
    assert trainer.seen == [(epoch, number) for epoch in range(2) for number in range(4)]
    assert trainer.finished == 1
    assert "epoch 2/2  loss 6.5000" in log(run)  # the mean of steps 5 to 8


def test_rows_are_means_since_the_row_before(run):
    steps = 4 * ROWS_PER_EPOCH
    train(run, epochs=1, trainer=Counting(Number(), run, steps))
    found = rows(run, "train")
    assert [row["step"] for row in found] == list(range(4, steps + 1, 4))
    assert [row["loss"] for row in found] == [step - 1.5 for step in range(4, steps + 1, 4)]
    assert [row["epoch"] for row in found] == pytest.approx([n / 10 for n in range(1, 11)])
    assert {row["lr"] for row in found} == {0.5}


def test_a_short_epoch_has_a_row_for_each_step(run):
    train(run, epochs=1)
    assert [row["loss"] for row in rows(run, "train")] == [1, 2, 3, 4]


def test_an_epoch_may_have_a_row_of_its_own(run):
    trainer = Counting(Number(), run)
    trainer.epoch_rows = True
    train(run, epochs=1, trainer=trainer)
    assert rows(run, "train")[-1] == {"split": "train", "step": 4, "epoch": 1, "epoch_loss": 2.5}


@pytest.mark.parametrize(
    ("every", "epochs", "expected"), [(1, 3, [1, 2, 3]), (2, 5, [2, 4, 5]), (0, 3, [])]
)
def test_validations_come_when_due_and_at_the_end(run, every, epochs, expected):
    train(run, validation=One(), epochs=epochs, validate_every=every)
    assert [row["epoch"] for row in rows(run, "validation")] == expected


def test_without_progress_training_stops(run):
    quality = [0.5, 0.75, 0.75, 0.7, 1.0]
    trainer = train(run, quality=quality, validation=One(), epochs=9, patience=2)
    assert trainer.seen[-1] == (3, 3)
    assert "stopping early: no improvement for 2 epochs" in log(run)
    assert trainer.finished == 1


def test_patience_counts_epochs_and_not_validations(run):
    trainer = train(
        run, quality=[0.5, 0.5, 1.0], validation=One(), epochs=9, patience=2, validate_every=2
    )
    assert trainer.seen[-1] == (3, 3)


def test_a_stopped_run_goes_on_where_it_was(run):
    whole = [(epoch, number) for epoch in range(3) for number in range(4)]
    stopped = Counting(Number(), run)
    stopped.stop_at = 6
    with pytest.raises(Interrupted):
        train(run, trainer=stopped, epochs=3)
    assert stopped.finished == 0
    run._stop = 0
    run.scalars(split="train", step=7, epoch=1.75, loss=0.0)  # a row after the checkpoint
    resumed = train(run, epochs=3)
    assert stopped.seen + resumed.seen == whole
    assert resumed.model.value == 12
    assert [row["loss"] for row in rows(run, "train")] == list(range(1, 13))
    assert "resuming at epoch 2, batch 3 of 4" in log(run)
    assert "epoch 2/3  loss 6.5000" in log(run)  # the steps before the stop count too


def test_a_complete_run_has_nothing_left_to_do(run):
    train(run, epochs=1, checkpoint_seconds=0)
    again = train(run, epochs=1)
    assert (again.seen, again.finished) == ([], 1)


def test_the_hashes_of_each_epoch(run):
    train(run, epochs=2)
    first, second = run.folder.hashes
    assert (first["epoch"], first["step"], second["step"]) == (1, 4, 8)
    assert first["weights"] != second["weights"]


def test_pretrained_weights_are_measured_before_the_first_step(run):
    class Pretrained(LoopConfig):
        pretrained: str = "weights"

    trainer = Counting(Number([0.875]), run)
    EpochLoop(trainer, Pretrained(epochs=1), One()).run_to_end()
    assert "before training  validation quality 0.8750" in log(run)
    assert [row["epoch"] for row in rows(run, "validation")] == [0, 1]


def test_a_new_training_has_done_nothing():
    assert Progress() == Progress(epoch=0, batch=0, step=0, best=None, plateau=1.0, stopped=False)
    assert Progress().row is not Progress().row
