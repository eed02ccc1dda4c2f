"""The conformance checks must pass what keeps the contract and catch what breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks import Batch, Metric, Split
from nntasks.registry import discover
from nntasks.testing import check_metric, check_model, check_plugin, check_split, check_task


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


def test_a_quarantined_plugin_is_caught(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    with pytest.raises(AssertionError, match="quarantined: ModuleNotFoundError"):
        check_plugin("broken", discover())
