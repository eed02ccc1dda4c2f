"""A training step in NumPy: batches, averaged weights, checkpoints, values that are not finite."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.interfaces import DataInfo
from nntasks.plugins.numpy_mlp.config import NumpyConfig
from nntasks.plugins.numpy_mlp.model import MLP
from nntasks.plugins.numpy_mlp.trainer import NumpyTrainer
from nntasks.plugins.numpy_mlp.xor import Points
from nntasks.seeding import Seeds
from nntasks.training.epochs import Progress

RNG = np.random.default_rng(0)
SPLIT = Points(RNG.normal(size=(21, 2)), np.arange(21) % 2)


def made(split=SPLIT, **keys):
    """Return a trainer that has started."""
    config = NumpyConfig(**{"hidden_sizes": (5,), "batch_size": 8, "schedule": "constant", **keys})
    model = MLP(config, DataInfo(("even", "odd"), (2,)), Seeds(0))
    trainer = NumpyTrainer(model, split, None)
    trainer.start(None)
    return trainer


def train(trainer, steps, progress=None):
    """Take steps as the loop does, and return the progress."""
    progress = progress or Progress()
    for _ in range(steps):
        batch = next(iter(trainer.batches(progress.epoch, progress.batch)))
        trainer.step(batch, progress)
        progress.batch, progress.step = progress.batch + 1, progress.step + 1
        if progress.batch == trainer.steps:
            progress.epoch, progress.batch = progress.epoch + 1, 0
    return progress


def copied(arrays):
    return {name: np.array(value) for name, value in arrays.items()}


def equal(first, second):
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


class TestBatches:
    def test_an_epoch_has_each_sample_at_most_once_and_an_incomplete_batch_is_left_out(self):
        trainer = made()
        assert trainer.steps == 2
        rows = trainer.samples(0)
        assert rows.shape == (2, 8)
        assert len(np.unique(rows)) == 16

    def test_epochs_differ_and_a_resumed_one_goes_on_in_its_midst(self):
        trainer = made()
        assert not np.array_equal(trainer.samples(0), trainer.samples(1))
        (last,) = trainer.batches(1, 1)
        assert list(trainer.ids(last)) == trainer.samples(1)[1].tolist()
        assert np.array_equal(last.inputs, SPLIT.points[trainer.samples(1)[1]])

    def test_fewer_samples_than_a_batch_are_one_batch(self):
        trainer = made(batch_size=1000)
        assert (trainer.steps, trainer.samples(0).shape) == (1, (1, 21))


class TestStep:
    def test_it_returns_loss_and_accuracy_of_the_batch_before_the_update(self):
        trainer = made(dropout=0, batch_norm=False)
        batch = next(iter(trainer.batches(0, 0)))
        shares = np.array(trainer.model.predict(batch))
        found = trainer.step(batch, Progress())
        expected = -np.log(shares[np.arange(8), batch.targets]).mean()
        assert found["loss"] == pytest.approx(expected, rel=1e-5)
        assert found["accuracy"] == (shares.argmax(axis=1) == batch.targets).mean()

    def test_the_rate_follows_schedule_and_plateau(self):
        trainer = made(lr=0.02, epochs=1, schedule="linear", lr_final=0.5)
        batch = next(iter(trainer.batches(0, 0)))
        rates = []
        for step, plateau in ((0, 1.0), (1, 1.0), (1, 0.1)):
            trainer.step(batch, Progress(step=step, plateau=plateau))
            rates.append(trainer.lr)
        assert rates == pytest.approx([0.02, 0.01, 0.001])

    def test_a_step_that_is_not_finite_changes_nothing_and_its_cause_is_found(self):
        trainer = made(batch_norm=False, average=0.9)
        batch = next(iter(trainer.batches(0, 0)))
        trainer.model.network.state()["1.linear.weight"][:] = np.float32(3e38)
        before = [copied(group) for group in trainer.groups().values()]
        loss = trainer.step(batch, Progress())["loss"]
        assert not (
            math.isfinite(loss) and math.isfinite(trainer.norms(Progress())["gradient_norm"])
        )
        assert all(map(equal, before, trainer.groups().values()))
        assert trainer.first_cause(batch, Progress()).place == "1.linear (Linear)"

    def test_norms_of_the_gradient_each_step_and_of_the_parameters_every_tenth(self):
        trainer = made()
        train(trainer, 1)
        gradients = [layer.gradients[short] for _, layer, short in trainer.model.network.learned()]
        expected = math.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in gradients))
        assert trainer.norms(Progress(step=1)) == {"gradient_norm": pytest.approx(expected)}
        assert set(trainer.norms(Progress(step=20))) == {"gradient_norm", "parameter_norm"}


class TestAveragedWeights:
    def test_the_first_steps_count_much_and_later_ones_by_the_decay(self):
        trainer = made(average=0.15)
        start = copied(trainer.model.network.state())
        train(trainer, 1)
        own, average = trainer.model.network.state(), trainer.groups()["average"]
        name = "1.linear.weight"
        first = start[name] + 0.9 * (own[name] - start[name])  # decay (1 + 0) / (10 + 0)
        assert np.allclose(average[name], first, rtol=0, atol=1e-6)
        train(trainer, 1, Progress(step=50, batch=1))
        second = first + 0.85 * (trainer.model.network.state()[name] - first)
        assert np.allclose(average[name], second, rtol=0, atol=1e-6)

    def test_they_predict_and_the_own_ones_come_back_also_after_an_error(self):
        trainer = made(average=0.9)
        train(trainer, 3)
        own = copied(trainer.model.network.state())
        with trainer.predicting():
            assert equal(trainer.model.network.state(), trainer.groups()["average"])
        assert equal(trainer.model.network.state(), own)
        with pytest.raises(KeyError), trainer.predicting():
            raise KeyError
        assert equal(trainer.model.network.state(), own)

    def test_at_the_end_they_are_the_model_s(self):
        trainer = made(average=0.9)
        train(trainer, 3)
        average = copied(trainer.groups()["average"])
        assert not equal(trainer.model.network.state(), average)
        trainer.finish()
        assert equal(trainer.model.network.state(), average)

    def test_without_an_average_nothing_of_it_is_saved(self):
        trainer = made(optimizer="sgd", momentum=0)
        assert list(trainer.groups()) == ["model"]
        assert list(made().groups()) == ["model", "optimizer"]
        own = copied(trainer.model.network.state())
        with trainer.predicting():
            assert equal(trainer.model.network.state(), own)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_checkpoint_is_enough_to_go_on_with_the_same_bytes(optimizer):
    trainer = made(optimizer=optimizer, average=0.5)
    progress = train(trainer, 3)
    groups = {name: copied(group) for name, group in trainer.groups().items()}
    step = {"progress": {"step": progress.step}}
    resumed = made(optimizer=optimizer, average=0.5)
    resumed.start(SimpleNamespace(arrays=groups.__getitem__, state=step))
    train(resumed, 2, Progress(**vars(progress)))
    train(trainer, 2, progress)
    for name, group in trainer.groups().items():
        assert equal(copied(group), copied(resumed.groups()[name])), name


def test_inputs_are_standardised_at_the_start_unless_weights_came_with_theirs(tmp_path):
    assert made().model.mean == pytest.approx(SPLIT.points.mean(axis=0))
    assert made(pretrained=tmp_path / "other").model.mean.tolist() == [0, 0]
