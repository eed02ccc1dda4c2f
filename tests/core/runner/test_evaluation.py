"""Evaluation: a model owes one prediction per sample."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import PluginError
from nntasks.interfaces import Batch, Metric, Model, Split
from nntasks.runner.evaluation import evaluate


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
