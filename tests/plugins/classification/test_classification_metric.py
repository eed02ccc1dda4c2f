"""The metric of a classifier: numbers by hand, what any order leaves alone, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntasks.errors import PluginError, UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.classification.metric import ClassificationMetric, build
from nntasks.plugins.classification.predictions import Predictions
from nntasks.testing import check_metric


def random_table(count):
    rng = np.random.default_rng(0)
    powers = rng.random((count, 7))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return Predictions(range(count), rng.integers(0, 7, count), shares)


def test_no_order_of_updates_matters():
    table = random_table(60)
    pieces = [
        (list(table.probabilities[i : i + 20]), table.labels[i : i + 20], list(range(i, i + 20)))
        for i in (0, 20, 40)
    ]
    check_metric(ClassificationMetric("abcdefg"), pieces)


def test_what_is_no_prediction_is_refused():
    metric = ClassificationMetric("abc")
    with pytest.raises(UsageError, match="sample a: expected a label from 0 to 2, got 3"):
        metric.update([np.ones(3) / 3], [3], ["a"])
    with pytest.raises(PluginError, match=r"sample a: expected 3 probabilities, got shape \(2,\)"):
        metric.update([np.ones(2) / 2], [0], ["a"])


def test_few_classes_have_no_top_five():
    assert "top5" not in ClassificationMetric("abc").definitions()
    assert all(np.isnan(list(ClassificationMetric("abc").compute().values())))


def metric_of(*rows, names=("cat", "dog", "owl")):
    """Return the metric of (label, probabilities) in rows."""
    metric = build(None, DataInfo(tuple(names)))
    labels, shares = zip(*rows, strict=True)
    metric.update(list(shares), labels, list(range(len(rows))))
    return metric


def test_numbers_by_hand():
    """Two of three are right; the dog is taken for a cat, and there is no owl."""
    found = metric_of((0, (0.8, 0.1, 0.1)), (1, (0.6, 0.3, 0.1)), (0, (0.5, 0.25, 0.25))).compute()
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["recall_macro"] == pytest.approx((1 + 0) / 2)
    assert found["precision_macro"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["f1_macro"] == pytest.approx((4 / 5 + 0) / 2)
    assert found["nll"] == pytest.approx(-(math.log(0.8) + math.log(0.3) + math.log(0.5)) / 3)
    assert found["ece"] == pytest.approx((0.2 + 0.6 + 0.5) / 3)
    assert "top5" not in found


def test_among_the_five_most_probable_of_six():
    shares = np.array([0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
    found = metric_of((5, shares), (4, shares), names="abcdef").compute()
    assert (found["top5"], found["accuracy"]) == (0.5, 0)


def test_the_table_goes_by_id_numbers_first():
    metric = ClassificationMetric("ab")
    metric.update([(1.0, 0), (0, 1.0), (0.5, 0.5)], [0, 1, 0], ["b", 10, 9])
    assert metric.table.ids == [9, 10, "b"]
    assert metric.table.labels.tolist() == [0, 1, 0]
    metric.update([(0, 1.0)], [0], ["b"])  # the later prediction of a sample counts
    assert metric.table.predicted.tolist() == [0, 1, 1]


def test_intervals_lie_around_their_numbers():
    table = random_table(60)
    metric = ClassificationMetric("abcdefg")
    metric.update(list(table.probabilities), table.labels, list(table.ids))
    numbers, found = metric.compute(), metric.intervals()
    assert "accuracy" in found
    for name, (low, high) in found.items():
        assert low <= numbers[name] <= high
