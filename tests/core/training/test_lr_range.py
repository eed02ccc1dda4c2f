"""The learning-rate range test: on a problem whose answer is known, and as a verb."""

from __future__ import annotations

import json

import pytest
import torch

from nntasks.errors import RunFailed, UsageError
from nntasks.interfaces import Batch, Split
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.seeding import Seeds
from nntasks.training.config import TrainingConfig
from nntasks.training.lr_range import RangeTest, range_test
from nntasks.training.torch_model import TorchModel


class Points(Split):
    def __len__(self):
        return 64

    def batch(self, indices, *, epoch=None):
        return Batch(torch.ones(len(indices), 1), torch.zeros(len(indices), 1), list(indices))


class Parabola(TorchModel):
    """w -> w^2: gradient descent falls fastest near a rate of 0.5, and diverges above 1."""

    def __init__(self, **keys):
        layer = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.constant_(layer.weight, 1.0)
        config = TrainingConfig(momentum=0, weight_decay=0, clip=0, batch_size=8, **keys)
        super().__init__(layer, config, Seeds(0))

    def loss(self, module, batch):
        loss = (module(batch.inputs) - batch.targets).square().mean()
        return loss, {}

    def predict(self, batch):
        raise AssertionError("not asked for")


@pytest.fixture
def run(tmp_path):
    folder = RunFolder.create(tmp_path, "test", {}, {})
    return Run(folder, Seeds(0), ALONE, {}, (), 1, quiet=True)


def test_it_ends_where_the_loss_grows_and_suggests_a_rate_before(run):
    found = range_test(Parabola(), Points(), run, lowest=1e-4, highest=100, steps=100)
    assert found.diverged
    assert len(found.rates) < 100
    assert found.rates[0] == pytest.approx(1e-4)
    assert found.rates[1] / found.rates[0] == pytest.approx(1e6 ** (1 / 99))
    assert 1e-3 < found.steepest < 1
    assert found.steepest < found.rates[-1]
    assert found.below_minimum < 1  # above it nothing but the running mean's delay still falls


def test_more_steps_than_an_epoch_has_go_on_with_the_next(run):
    found = range_test(Parabola(), Points(), run, lowest=1e-6, highest=1e-3, steps=30)
    assert len(found.losses) == 30
    assert not found.diverged
    assert found.losses[-1] < found.losses[0]


def test_the_running_mean_is_corrected_for_its_start():
    smoothed = [1.0, 0.8, 0.4, 0.3, 0.9]
    found = RangeTest([1e-3, 1e-2, 1e-1, 1.0, 10.0], smoothed, smoothed, True)
    assert found.steepest == 1e-2
    assert found.below_minimum == pytest.approx(0.1)


@pytest.mark.parametrize("rates", [(1.0, 0.1, 50), (0.0, 1.0, 50), (0.1, 1.0, 5)])
def test_what_makes_no_test_is_refused(run, rates):
    lowest, highest, steps = rates
    with pytest.raises(UsageError, match="expected 0 < lowest < highest and at least 10 steps"):
        range_test(Parabola(), Points(), run, lowest=lowest, highest=highest, steps=steps)


def test_a_loss_that_is_never_finite(run):
    model = Parabola()
    torch.nn.init.constant_(model.module.weight, float("inf"))
    with pytest.raises(RunFailed, match="give a lower --lowest"):
        range_test(model, Points(), run, lowest=1e-4, highest=1, steps=20)


class TestVerb:
    def test_suggests_and_draws(self, cli, tmp_path):
        process = cli("lr-find", "toy", "--steps", "40", "--out", tmp_path)
        assert process.returncode == 0, process.stderr
        assert "suggested: lr=" in process.stdout
        (report,) = tmp_path.glob("toy/lr-find/2*/report.html")
        assert "data:image/webp" in report.read_text()
        assert not (tmp_path / "toy" / "latest").exists()

    def test_json(self, cli, tmp_path):
        process = cli("lr-find", "toy", "--steps", "20", "--json", "--out", tmp_path)
        found = json.loads(process.stdout)
        assert len(found["losses"]) == len(found["rates"]) <= 20
        assert found["suggestion"] in found["rates"]

    def test_a_wrong_key(self, cli, tmp_path):
        process = cli("lr-find", "toy", "widht=3", "--out", tmp_path)
        assert process.returncode == 2
        assert "Did you mean 'width'" in process.stderr
