"""The conformance checks must pass what keeps the contract and catch what breaks it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nntasks import Batch, Metric, Model, Split
from nntasks.registry import discover
from nntasks.testing import (
    check_built_twice,
    check_metric,
    check_model,
    check_plugin,
    check_split,
    check_task,
)


@pytest.mark.usefixtures("toy")
def test_the_toy_conforms():
    check_task("toy", **{"data.points": 16})


class Fickle(Split):
    """Augments from a generator that remembers."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return 4

    def batch(self, indices, *, epoch=None):
        x = np.array(indices, dtype=float)
        return Batch(x if epoch is None else x + self.rng.normal(), x, list(indices))


def test_augmentation_that_remembers_is_caught():
    with pytest.raises(AssertionError, match=r"batch\(epoch=0\) must give the same samples"):
        check_split(Fickle())


class MeanOfMeans(Metric):
    """Averages averages: depends on how samples fall into batches, and forgets to merge."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.last = 0.0

    def update(self, predictions, targets, ids):
        self.last = self.last / 2 + float(np.mean(predictions))

    def merge(self, other):
        pass

    def compute(self):
        return {"mean": self.last}

    def definitions(self):
        return {"mean": "a bad mean"}


def test_a_metric_that_minds_the_order_is_caught():
    with pytest.raises(AssertionError, match="order of updates"):
        check_metric(MeanOfMeans(), [([1.0], None, ["a"]), ([3.0], None, ["b"])])


def test_a_metric_that_cannot_merge_is_caught():
    with pytest.raises(AssertionError, match="merge"):
        check_metric(MeanOfMeans(), [([1.0], None, ["a"]), ([1.0], None, ["b"])])


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


def test_a_quarantined_plugin_is_caught(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    with pytest.raises(AssertionError, match="quarantined: ModuleNotFoundError"):
        check_plugin("broken", discover())
