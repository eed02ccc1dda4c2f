"""Evaluation: a model owes one prediction per sample."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import PluginError
from nntasks.interfaces import Batch, Metric, Model, Split
from nntasks.runner.evaluation import Evaluation, evaluate, intervals


class Numbers(Split):
    def __len__(self):
        return 5

    def batch(self, indices, *, epoch=None):
        return Batch(list(indices), list(indices), list(indices))


class Says(Model):
    def __init__(self, answer):
        self.answer = answer

    def fit(self, train, *, validation, run): ...

    def predict(self, batch):
        return self.answer(batch.inputs)

    def state(self):
        return {}

    def load_state(self, state): ...


class Right(Metric):
    definition = "share of right answers"

    def reset(self):
        self.right = self.count = 0

    def update(self, predictions, targets, ids):
        self.right += sum(p == t for p, t in zip(predictions, targets, strict=False))
        self.count += len(targets)

    def merge(self, other): ...

    def compute(self):
        return {"right": self.right / self.count}

    def definitions(self):
        return {"right": self.definition}

    def fresh(self):
        fresh = Right()
        fresh.reset()
        return fresh


@pytest.mark.parametrize("answer", [list, tuple, np.array])
def test_one_prediction_per_sample_is_counted(answer):
    found = evaluate(Says(answer), Numbers(), {"right": Right()}, batch_size=2)
    assert found.values == {"right": 1.0}


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (lambda inputs: inputs[:-1], "expected 2, got 1"),
        (lambda inputs: [*inputs, 0], "expected 2, got 3"),
        (lambda inputs: [], "expected 2, got 0"),
        (lambda inputs: None, "expected 2, got a NoneType"),
        (lambda inputs: iter(inputs), "expected 2, got a list_iterator"),
        (lambda inputs: np.float32(1), "expected 2, got a float32"),
    ],
)
def test_too_many_or_too_few_predictions_name_the_model(answer, got):
    with pytest.raises(PluginError, match=f"model Says: predict must return one .*{got}"):
        evaluate(Says(answer), Numbers(), {"right": Right()}, batch_size=2)


class Sure(Right):
    def __init__(self, found):
        self.found = found

    def intervals(self):
        return self.found


def intervals_of(found):
    return intervals(Evaluation({"right": 0.5}, {"sure": Sure(found)}))


def test_intervals_that_are_undefined_are_left_out():
    assert intervals_of({"right": (0.25, np.float64(0.75))}) == {"right": (0.25, 0.75)}
    assert intervals_of({"right": (0.25, float("nan"))}) == {}
    assert intervals(Evaluation({}, {"right": Right()})) == {}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"wrong": (0, 1)}, "'sure' gives an interval of wrong, no number of it"),
        ({"right": 0.5}, r"'sure': expected an interval \(low, high\) of right, got 0.5"),
        ({"right": (1, 2, 3)}, r"expected an interval \(low, high\) of right"),
    ],
)
def test_a_metric_with_odd_intervals_is_named(found, message):
    with pytest.raises(PluginError, match=message):
        intervals_of(found)
