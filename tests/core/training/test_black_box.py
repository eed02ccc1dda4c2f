"""The black box: the last steps, and the accident with the value that went first."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.errors import Diverged
from nntasks.training.black_box import KEPT, BlackBox, Cause
from nntasks.training.epochs import Progress


class Trainer:
    """A trainer that ends with what the black box tells its run."""

    lr, advice = 0.5, "try a lower lr"
    gradient = 2.0
    cause = Cause("relu", "the output", "aten.log")

    def __init__(self):
        self.run = SimpleNamespace(diverged=self.diverged)

    def diverged(self, accident, cause, steps, advice):
        self.accident, self.told, self.steps, self.advised = accident, cause, steps, advice
        raise Diverged("it ended", accident)

    def norms(self, progress):
        return {"gradient_norm": self.gradient}

    def samples(self, epoch):
        return np.array([[3, 1], [4, 2]])

    def ids(self, batch):
        return batch

    def place(self, progress):
        return f"epoch {progress.epoch + 1}, step {progress.step + 1}"

    def first_cause(self, batch, progress):
        if isinstance(self.cause, Exception):
            raise self.cause
        return self.cause


@pytest.fixture
def trainer():
    return Trainer()


def record(trainer, *losses, box=None):
    box = box or BlackBox(trainer)
    for number, loss in enumerate(losses):
        box.record(["a", 7], {"loss": loss}, Progress(epoch=2, batch=1, step=number))


def test_finite_steps_pass(trainer):
    record(trainer, 1.0, 2.0)
    assert not hasattr(trainer, "accident")


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_the_accident(trainer, loss):
    with pytest.raises(Diverged):
        record(trainer, 1.0, loss)
    assert trainer.accident == {
        "what": f"the loss became {loss}",
        "at": "epoch 3, step 2",
        "epoch": 3,
        "batch": 2,
        "step": 2,
        "lr": 0.5,
        "first": {"place": "relu", "tensor": "the output", "operation": "aten.log", "detail": ""},
        "indices": [4, 2],
        "ids": ["a", "7"],
    }
    assert trainer.told == "the output of relu (aten.log) went first"
    assert trainer.advised == "try a lower lr"


def test_a_gradient_is_watched_too(trainer):
    trainer.gradient = math.inf
    with pytest.raises(Diverged):
        record(trainer, 1.0)
    assert trainer.accident["what"] == "the gradient norm became inf"


def test_the_last_hundred_steps_are_kept(trainer):
    with pytest.raises(Diverged):
        record(trainer, *(1.0 for _ in range(KEPT + 20)), math.inf)
    assert len(trainer.steps) == KEPT
    assert trainer.steps[0]["step"] == 22
    assert trainer.steps[-1] == {
        "step": KEPT + 21,
        "epoch": 3,
        "lr": 0.5,
        "loss": math.inf,
        "gradient_norm": 2.0,
    }


@pytest.mark.parametrize(
    ("cause", "detail"),
    [
        (None, "the step run again stayed finite"),
        (
            MemoryError("no\n  room"),
            "the step could not be run again: MemoryError: no room",
        ),
    ],
)
def test_a_search_that_finds_nothing_or_fails_costs_the_cause_alone(trainer, cause, detail):
    trainer.cause = cause
    with pytest.raises(Diverged):
        record(trainer, math.nan)
    assert trainer.accident["first"]["detail"] == detail
    assert trainer.told == "a value of an unknown layer went first"


def test_unknown_samples_are_none(trainer):
    trainer.samples = lambda epoch: None
    with pytest.raises(Diverged):
        record(trainer, math.nan)
    assert trainer.accident["indices"] == []
