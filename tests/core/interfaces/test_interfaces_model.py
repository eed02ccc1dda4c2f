"""Models: their defaults, and the loss of a validation over batches and processes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntasks.interfaces.model import LossSum, Model
from nntasks.machine.distributed import ALONE

METHODS = ("fit", "predict", "state", "load_state")


class Two(Model):
    def fit(self, train, *, validation, run): ...

    def predict(self, batch):
        return []

    def state(self):
        return {"w": np.zeros((3, 4)), "b": np.zeros(4), "scale": np.array(1.0)}

    def load_state(self, state): ...


class Processes:
    """Several processes, of which each has measured some batches."""

    def __init__(self, *others):
        self.others = others

    def gather(self, value):
        return [value, *self.others]


def test_the_state_is_what_is_counted():
    assert Two().parameter_count() == 12 + 4 + 1


def test_defaults():
    model = Two()
    assert (model.name, model.arrays, model.validation_loss) == ("", "numpy", None)
    with model.evaluating() as nothing:
        assert nothing is None


@pytest.mark.parametrize("lacking", METHODS)
def test_a_model_defines_all_of_its_methods(lacking):
    members = {name: lambda self, *given: None for name in METHODS if name != lacking}
    with pytest.raises(TypeError, match=lacking):
        type("Half", (Model,), members)()


def test_a_large_batch_counts_for_more():
    losses = LossSum()
    losses.add(1.0, 3)
    losses.add(5.0, 1)
    assert losses.mean(ALONE) == 2.0


def test_how_batches_fall_to_processes_changes_no_bit():
    batches = [(0.1, 1), (1e16, 1), (0.1, 1), (-1e16, 1), (0.3, 3)]
    whole, parts = LossSum(), LossSum()
    for batch in batches:
        whole.add(*batch)
    for batch in batches[3:]:
        parts.add(*batch)
    expected = math.fsum(loss * count for loss, count in batches) / 7
    assert whole.mean(ALONE) == expected
    assert parts.mean(Processes(batches[2::-1], [])) == expected


def test_without_samples_there_is_no_mean():
    assert LossSum().mean(ALONE) is None
    assert LossSum().mean(Processes([])) is None
