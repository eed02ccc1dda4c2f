"""The base class of torch models: its state, its count, and the loss of a validation."""

from __future__ import annotations

import pytest
import torch
from fitted_line import Line, Points, run_in
from torch import nn

from nntasks.errors import UsageError
from nntasks.interfaces import Batch, LossSum
from nntasks.machine.distributed import ALONE
from nntasks.runner import make_task
from nntasks.training.config import TrainingConfig
from nntasks.training.torch_model import TorchModel


def test_training_fits_the_line(tmp_path):
    model = Line(lr=0.05, epochs=30)
    model.fit(Points(), validation=None, run=run_in(tmp_path))
    assert model.slope == pytest.approx(2)
    assert not model.module.training


def test_a_state_is_restored():
    one, other = Line(), Line()
    nn.init.ones_(one.module.weight)
    other.load_state(one.state())
    assert other.slope == 1
    assert other.arrays == "torch"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"weight": torch.zeros(2, 1)}, r"the weights belong to another architecture.*weight"),
        ({}, "the weights belong to another architecture"),
        ({"weight": torch.tensor([[float("nan")]])}, "weight"),
        ({"weight": torch.zeros(1, 1, dtype=torch.float64)}, "weight"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, message):
    model = Line()
    with pytest.raises(UsageError, match=message):
        model.load_state(state)
    assert model.slope == 0


def test_the_loss_of_a_validation_is_noted_where_there_is_one():
    model, batch = Line(), Points().batch([0, 1])
    model.predict(batch)
    model.note_loss(batch, lambda: 1 / 0)  # without a validation nothing is computed
    model.validation_loss = LossSum()
    model.predict(batch)
    assert model.validation_loss.batches == [((4 + 16) / 2, 2)]
    assert model.validation_loss.mean(ALONE) == 10


def test_biases_have_no_decay():
    class Biased(Line):
        def __init__(self):
            TorchModel.__init__(self, nn.Linear(1, 1), TrainingConfig(weight_decay=0.25), None)

    decays = {
        parameter.ndim: group["weight_decay"]
        for group in Biased().parameter_groups()
        for parameter in group["params"]
    }
    assert decays == {2: 0.25, 1: 0}


def test_a_subclass_defines_loss_and_predict():
    class Lacks(TorchModel):
        def predict(self, batch: Batch) -> list:
            return []

    with pytest.raises(TypeError, match="loss"):
        Lacks(nn.Identity(), TrainingConfig(), None)


def test_parameters_are_counted_without_statistics_and_tied_ones_once(toy):
    task = make_task("toy", [{"width": 8}])
    model = task.build_model(task.load_data().info)
    weights, norm = 2 * 8 + 8 + 8 * 2 + 2, 8 + 8
    assert model.parameter_count() == weights + norm  # batch norm's mean and variance are not
    model.module.append(model.module[4])
    assert model.parameter_count() == weights + norm
    model.module[0].requires_grad_(False)
    assert model.parameter_count() == 8 * 2 + 2 + norm
