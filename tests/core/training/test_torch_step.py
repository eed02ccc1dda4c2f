"""One step of an optimiser: the update known by hand, whatever the pieces; clipping; no NaN."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from fitted_line import Line, Points
from torch import nn

from nntasks.machine.distributed import ALONE
from nntasks.training.torch_step import TorchStep

# From w = 0 the loss of the points (x, 2 x) is 4 mean(x^2) = 30 and its slope -4 mean(x^2) = -30.
LOSS, SLOPE = 30.0, -30.0


def pieces(*groups):
    return [partial(Points().batch, list(group)) for group in groups]


WHOLE = pieces(range(4))


@pytest.mark.parametrize("groups", [(range(4),), ([0], [1, 2, 3]), ([0, 1], [2, 3])])
def test_the_update_is_that_of_the_whole_batch(groups):
    model = Line()
    step = TorchStep(model, ALONE, 4)
    measured = step(pieces(*groups), 0.01, (0, 0))
    assert measured == pytest.approx({"loss": LOSS, "squares": LOSS})
    assert model.slope == pytest.approx(0.3)
    assert step.gradient_norm == pytest.approx(-SLOPE)


def test_the_gradient_is_clipped_and_its_norm_is_that_before():
    model = Line(clip=3.0)
    step = TorchStep(model, ALONE, 4)
    step(WHOLE, 0.01, (0, 0))
    assert step.gradient_norm == pytest.approx(30)
    assert model.slope == pytest.approx(0.03)


def test_the_gradient_of_the_step_before_is_forgotten():
    model = Line()
    step = TorchStep(model, ALONE, 4)
    step(WHOLE, 0.0, (0, 0))
    step(WHOLE, 0.01, (0, 1))
    assert model.slope == pytest.approx(0.3)


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_loss_that_is_not_finite_changes_no_weight(value, monkeypatch):
    model = Line()
    step = TorchStep(model, ALONE, 4)
    honest = model.loss
    monkeypatch.setattr(model, "loss", lambda *given: (honest(*given)[0] * value, {}))
    assert not math.isfinite(step(WHOLE, 0.01, (0, 0))["loss"])
    assert math.isnan(step.gradient_norm)
    assert model.slope == 0


@pytest.mark.parametrize("clip", [0, 1.0])
def test_a_gradient_that_is_not_finite_changes_no_weight(clip):
    model = Line(clip=clip)
    model.module.weight.register_hook(lambda gradient: gradient * math.inf)
    step = TorchStep(model, ALONE, 4)
    assert step(WHOLE, 0.01, (0, 0))["loss"] == LOSS
    assert step.gradient_norm == math.inf
    assert model.slope == 0


def test_computing_again_gives_the_gradient_and_no_update():
    model = Line()
    step = TorchStep(model, ALONE, 4)
    step.again(pieces([0, 1], [2, 3]), (0, 0))
    assert float(model.module.weight.grad) == pytest.approx(SLOPE)
    assert model.slope == 0


def test_the_state_of_the_optimiser_is_restored():
    keys = {"momentum": 0.5}
    one, other = Line(**keys), Line(**keys)
    first = TorchStep(one, ALONE, 4)
    first(WHOLE, 0.01, (0, 0))
    second = TorchStep(other, ALONE, 4)
    other.load_state(one.state())
    second.load(first.arrays(), first.state())
    for step in (first, second):
        step(WHOLE, 0.01, (0, 1))
    assert other.slope == one.slope
    # slope 0.3, then the gradient -30 * (2 - 0.3) / 2 with half of the one before
    assert one.slope == pytest.approx(0.3 + 0.01 * (25.5 + 15))


def test_the_loss_scale_of_float16_is_state_and_that_of_float32_is_none():
    assert TorchStep(Line(), ALONE, 4).state() == {}
    assert "scale" in TorchStep(Line(precision="float16"), ALONE, 4).state()


class Dropped(Line):
    def __init__(self):
        super().__init__()
        nn.init.ones_(self.module.weight)
        self.module = nn.Sequential(nn.Dropout(0.5), self.module)


def test_dropout_is_a_function_of_the_place_of_the_step():
    losses = [
        TorchStep(Dropped(), ALONE, 4)(WHOLE, 0.01, place)["loss"]
        for place in ((0, 0), (0, 0), (0, 1), (1, 0), (2, 7))
    ]
    assert losses[0] == losses[1]
    assert len(set(losses)) > 1


def test_computing_again_drops_the_same(monkeypatch):
    model = Dropped()
    step = TorchStep(model, ALONE, 4)
    with step.replicas.running():
        step(WHOLE, 0.0, (3, 5))
        gradient = model.module[1].weight.grad.clone()
        step.again(WHOLE, (3, 5))
    assert torch.equal(model.module[1].weight.grad, gradient)
