"""Every number of the table against scikit-learn and torchmetrics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torchmetrics.functional.classification import multiclass_accuracy, multiclass_calibration_error

from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.plugins.classification.predictions import (
    BINS,
    Predictions,
    confusion,
    per_class,
    reliability,
    top_accuracy,
)

CLASSES = 7


def random_table(count=400, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES - 1, count)  # the last class never occurs
    logits = rng.standard_normal((count, CLASSES)) + 1.5 * np.eye(CLASSES)[labels]
    logits[:, 2] -= 99  # and one is never predicted
    powers = np.exp(logits)
    return Predictions(range(count), labels, powers / powers.sum(axis=1, keepdims=True))


@pytest.fixture
def numbers():
    table = random_table()
    metric = ClassificationMetric("abcdefg")
    metric.update(list(table.probabilities), table.labels, list(table.ids))
    return table, metric.compute()


def test_against_scikit_learn(numbers):
    table, found = numbers
    y, p = table.labels, table.predicted
    occurring = {"labels": np.unique(y), "average": "macro", "zero_division": 0}
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(y, p), abs=1e-15)
    assert found["f1_macro"] == pytest.approx(sk.f1_score(y, p, **occurring), abs=1e-14)
    assert found["precision_macro"] == pytest.approx(
        sk.precision_score(y, p, **occurring), abs=1e-14
    )
    assert found["recall_macro"] == pytest.approx(sk.recall_score(y, p, **occurring), abs=1e-14)
    expected = sk.log_loss(y, table.probabilities, labels=range(CLASSES))
    assert found["nll"] == pytest.approx(expected, abs=1e-12)
    expected = sk.top_k_accuracy_score(y, table.probabilities, k=5, labels=range(CLASSES))
    assert found["top5"] == pytest.approx(expected, abs=1e-15)
    assert np.array_equal(confusion(table), sk.confusion_matrix(y, p, labels=range(CLASSES)))
    each = per_class(confusion(table))
    for ours, theirs in ((each.precision, sk.precision_score), (each.recall, sk.recall_score)):
        values = theirs(y, p, labels=range(CLASSES), average=None, zero_division=np.nan)
        assert np.allclose(ours, values, rtol=0, atol=1e-15, equal_nan=True)


def test_against_torchmetrics(numbers):
    table, found = numbers
    shares, labels = torch.from_numpy(table.probabilities), torch.from_numpy(table.labels)
    theirs = multiclass_calibration_error(shares, labels, CLASSES, n_bins=BINS)
    assert found["ece"] == pytest.approx(float(theirs), abs=1e-6)  # theirs is in float32
    theirs = multiclass_accuracy(shares, labels, CLASSES, top_k=3, average="micro")
    assert top_accuracy(table, 3) == pytest.approx(float(theirs), abs=1e-6)


def test_equal_probabilities_go_to_the_first_class():
    table = Predictions([0, 1], np.array([1, 0]), np.full((2, 4), 0.25))
    assert table.predicted.tolist() == [0, 0]
    assert [top_accuracy(table, count) for count in (1, 2)] == [0.5, 1.0]


def test_the_bins_of_the_calibration_error_hold_their_upper_edge():
    table = Predictions(
        [0, 1, 2], np.array([0, 0, 1]), np.array([[1.0, 0], [0.6, 0.4], [0.6, 0.4]])
    )
    found = reliability(table)
    assert found.count.tolist() == [0] * 8 + [2] + [0] * 5 + [1]  # 0.6 is 9/15
    assert found.error == pytest.approx(2 / 3 * 0.1)
