"""Training of a torch module: rates, averages, checkpoints, and the settings of torch."""

from __future__ import annotations

import math

import pytest
import torch
from fitted_line import Line, Points, run_in
from torch import nn

from nntasks.training.epochs import Progress
from nntasks.training.torch_trainer import TorchTrainer


@pytest.fixture
def start(tmp_path):
    """Return a function that makes a trainer at its first step."""
    made = []

    def call(checkpoint=None, **keys):
        trainer = TorchTrainer(Line(**keys), Points(), run_in(tmp_path))
        block = trainer.running()
        block.__enter__()
        made.append(block)
        trainer.start(checkpoint)
        return trainer

    yield call
    for block in reversed(made):
        block.__exit__(None, None, None)


def do(trainer, count, progress=None):
    """Do so many steps of batches of all points; return the progress."""
    progress = progress or Progress()
    for _ in range(count):
        (batch,) = trainer.batches(progress.epoch, 0)
        trainer.step(batch, progress)
        progress.step += 1
        progress.epoch += 1
    return progress


def test_the_rate_follows_the_schedule_and_the_drops_of_the_plateau(start):
    trainer = start(lr=0.5, schedule="step", step_epochs=1, step_factor=0.25)
    do(trainer, 1)
    assert trainer.lr == 0.5
    do(trainer, 1, Progress(epoch=1, step=1, plateau=0.5))
    assert trainer.lr == 0.5 * 0.25 * 0.5


def test_samples_and_ids_are_those_of_the_batches(start):
    trainer = start(batch_size=2)
    assert trainer.steps == 2
    for row, batch in zip(trainer.samples(3), trainer.batches(3, 0), strict=True):
        assert trainer.ids(batch) == row.tolist()
    assert sorted(trainer.samples(3).ravel()) == [0, 1, 2, 3]


def test_norms_of_the_parameters_come_every_tenth_step(start):
    trainer = start(lr=0.01)
    do(trainer, 1)
    assert trainer.norms(Progress(step=10)) == pytest.approx(
        {"gradient_norm": 30, "parameter_norm": 0.3}
    )
    assert set(trainer.norms(Progress(step=11))) == {"gradient_norm"}


def test_a_step_that_float16_skips_has_no_norm(start):
    trainer = start(precision="float16")
    trainer._step.gradient_norm = math.inf
    assert trainer.norms(Progress(step=1)) == {}


def test_a_checkpoint_brings_all_back(start):
    keys = {"momentum": 0.5, "ema": 0.5, "lr": 0.01}
    whole = start(**keys)
    do(whole, 3)
    half = start(**keys)
    progress = do(half, 2)

    class Kept:
        state = half.state()
        kept = {
            group: {name: array.clone() for name, array in arrays.items()}
            for group, arrays in half.groups().items()
        }

        def arrays(self, group, framework):
            assert framework == "torch"
            return self.kept[group]

    resumed = start(Kept(), **keys)
    do(resumed, 1, progress)
    assert set(whole.groups()) == {"model", "optimizer", "average"}
    for group, arrays in whole.groups().items():
        for name, array in arrays.items():
            assert torch.equal(resumed.groups()[group][name], array), (group, name)


def test_validation_and_the_end_have_the_averaged_weights(start):
    trainer = start(ema=0.9, lr=0.01, epochs=100)
    do(trainer, 3)
    own, averaged = trainer.model.slope, float(trainer.average.module.weight)
    assert own != averaged
    with trainer.predicting():
        assert trainer.model.slope == averaged
        assert trainer.model.validation_loss is not None
    assert trainer.model.slope == own
    assert trainer.model.validation_loss is None
    assert trainer.model.module.training
    trainer.finish()
    assert trainer.model.slope == averaged
    assert not trainer.model.module.training


def test_an_error_in_a_validation_leaves_the_model_in_training(start):
    trainer = start(ema=0.9)
    own = trainer.model.module
    with pytest.raises(ValueError, match="of a metric"), trainer.predicting():
        raise ValueError("of a metric")
    assert trainer.model.module is own
    assert own.training


def test_training_is_deterministic_and_leaves_the_settings_of_torch(tmp_path):
    before = torch.get_deterministic_debug_mode()
    trainer = TorchTrainer(Line(), Points(), run_in(tmp_path))
    with trainer.running():
        assert torch.get_deterministic_debug_mode() == 1
        assert torch.utils.deterministic.fill_uninitialized_memory is False
    assert torch.get_deterministic_debug_mode() == before
    assert torch.utils.deterministic.fill_uninitialized_memory is True


def test_the_first_value_that_is_not_finite_is_found(start):
    trainer = start()

    class Root(nn.Module):
        def forward(self, x):
            return torch.sqrt(-x)

    trainer.model.module = nn.Sequential(trainer.model.module, Root())
    nn.init.ones_(trainer.model.module[0].weight)
    (batch,) = trainer.batches(0, 0)
    cause = trainer.first_cause(batch, Progress())
    assert cause.operation == "aten.sqrt"
    assert "Root" in cause.place


def test_prepared_state_comes_from_the_checkpoint(start, monkeypatch):
    calls = []
    monkeypatch.setattr(Line, "prepare_training", lambda self, train, run: calls.append(train))
    first = start()
    assert len(calls) == 1

    class Kept:
        state = first.state()

        def arrays(self, group, framework):
            return first.groups()[group]

    start(Kept())
    assert len(calls) == 1
