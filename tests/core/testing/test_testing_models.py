"""The checks of a model catch what breaks its contract."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nntasks import Batch, Model
from nntasks.testing import (
    check_built_twice,
    check_model,
)


@pytest.mark.usefixtures("toy")
def test_a_model_that_answers_too_little_is_caught():
    from nntasks.runner import make_task

    task = make_task("toy", [{}])
    data = task.load_data()
    model = task.build_model(data.info)
    model.predict = lambda batch: [0]
    with pytest.raises(AssertionError, match="one prediction per sample"):
        check_model(model, data.test.batch([0, 1]))


class Weights(Model):
    """Two names for one array, as in a network with tied weights."""

    def __init__(self):
        self.a = self.b = np.ones(3)

    def fit(self, train, *, validation, run):
        pass

    def predict(self, batch):
        return [float(self.a.sum() + 2 * self.b.sum()) for _ in batch.ids]

    def state(self):
        return {"a": self.a, "b": self.b}

    def load_state(self, state):
        self.a[:] = state["a"]
        self.b[:] = state["b"]


class Untied(Weights):
    def load_state(self, state):
        self.a, self.b = np.array(state["a"]), np.array(state["b"])


class Deaf(Weights):
    def load_state(self, state):
        pass


class Forgetful(Weights):
    calls = 0

    def predict(self, batch):
        self.calls += 1
        return [self.calls for _ in batch.ids]


class Changing(Weights):
    def __init__(self):
        self.a = self.b = np.random.normal(size=3)  # noqa: NPY002 - the mistake that is planted


ONE = Batch([0], [0], ["x"])


def test_tied_weights_may_be_loaded():
    check_model(Weights(), ONE)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Untied, "a and b are one array before load_state"),
        (Deaf, "load_state.. must take over what it is given, but 'a' is another"),
        (Forgetful, "predict.. must not depend on earlier calls"),
    ],
)
def test_a_model_that_breaks_its_contract_is_caught(kind, message):
    with pytest.raises(AssertionError, match=message):
        check_model(kind(), ONE)


def test_a_model_that_draws_from_a_global_generator_is_caught():
    check_built_twice(Weights)
    with pytest.raises(AssertionError, match="two models of the same seeds must be equal, but 'a'"):
        check_built_twice(Changing)


def test_the_checks_leave_the_global_generators_as_they_were():
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    check_built_twice(Weights)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002
