"""The conformance checks must pass what keeps the contract and catch what breaks it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nntasks import Model
from nntasks.registry import discover
from nntasks.testing import (
    check_built_twice,
    check_plugin,
    check_task,
)


@pytest.mark.usefixtures("toy")
def test_the_toy_conforms():
    check_task("toy", **{"data.points": 16})


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


def test_the_checks_leave_the_global_generators_as_they_were():
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002
    check_built_twice(Weights)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002


def test_a_quarantined_plugin_is_caught(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    with pytest.raises(AssertionError, match="quarantined: ModuleNotFoundError"):
        check_plugin("broken", discover())
