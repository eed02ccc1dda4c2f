"""Intervals of classifiers: the weighted numbers against the metric on drawn samples."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.classification.intervals import intervals, weighted_numbers
from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.statistics.bootstrap import drawn_weights
from nntasks.statistics.proportions import wilson


def metric_of(count, classes=7, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes - 1, count)  # the last class does not occur
    logits = rng.normal(0, 1, (count, classes))
    logits[np.arange(count), labels] += 1.5
    shares = np.exp(logits)
    metric = ClassificationMetric([str(c) for c in range(classes)])
    metric.update(shares / shares.sum(axis=1, keepdims=True), labels, list(range(count)))
    return metric


def drawn(metric, weights):
    """Return the metric of samples that occur as often as their weight."""
    table, other = metric.table, metric.fresh()
    places = np.repeat(np.arange(len(weights)), weights)
    ids = list(range(len(places)))
    other.update(table.probabilities[places], table.labels[places], ids)
    return other.compute()


def test_weighted_numbers_are_those_of_drawn_samples():
    metric = metric_of(40)
    weights = drawn_weights(40, seed=1, resamples=25)
    ours = weighted_numbers(metric.table, weights)
    assert set(ours) == {*metric.compute(), "f1_micro", "brier"}
    hot = np.eye(7)[metric.table.labels]
    squares = ((metric.table.probabilities - hot) ** 2).sum(axis=1)
    for row, drawn_weights_ in enumerate(weights):
        expected = drawn(metric, drawn_weights_)
        expected |= {
            "f1_micro": expected["accuracy"],
            "brier": np.average(squares, weights=drawn_weights_),
        }
        for name, values in ours.items():
            assert values[row] == pytest.approx(expected[name], abs=1e-12), name


def test_every_number_has_an_interval_around_it():
    metric = metric_of(300)
    numbers, found = metric.compute(), metric.intervals()
    assert set(found) == set(numbers)
    for name, (low, high) in found.items():
        assert low < high, name
        if name != "ece":  # resamples are worse calibrated than the sample; BCa moves below it
            assert low < numbers[name] < high
    right = round(numbers["accuracy"] * 300)
    assert found["accuracy"] == wilson(right, 300)[1:]


def test_intervals_narrow_as_the_square_root():
    few, many = (
        {name: one.high - one.low for name, one in intervals(metric_of(n).table).items()}
        for n in (200, 3200)
    )
    assert few["nll"] / many["nll"] == pytest.approx(4, rel=0.3)


def test_nothing_to_draw_from():
    assert metric_of(5).fresh().intervals() == {}
