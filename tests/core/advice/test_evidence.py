"""The numbers of a run in the form that the rules of the verdict need."""

from __future__ import annotations

import math

import pytest

from nntasks.advice.evidence import Evidence, evidence
from nntasks.interfaces.yardsticks import Yardsticks

SUMMARY = {
    "headline": ["accuracy", "f1"],
    "metrics": {"accuracy": 0.75, "f1": 0.5},
    "intervals": {"accuracy": [0.5, 1.0]},
    "samples": 8,
}
HISTORY = [
    {"split": "train", "epoch": 0.5, "loss": 4.0},
    {"split": "train", "epoch": 1.0, "loss": 2.0},
    {"split": "validation", "epoch": 1, "nll": 1.5, "accuracy": 0.5},
    {"split": "train", "epoch": 1.5, "loss": 1.0},
    {"split": "train", "epoch": 2.0, "loss": None},
    {"split": "train", "epoch": 2.0, "loss": math.inf},
    {"split": "validation", "epoch": 2, "nll": 1.0, "accuracy": None},
    {"split": "train", "loss": 9.0},
]


def of(history=HISTORY, **changed):
    return evidence({**SUMMARY, **changed}, history, {"lr": 0.1}, Yardsticks())


def test_the_first_headline_metric_with_its_interval():
    found = of()
    assert (found.metric, found.value, found.ends, found.samples) == ("accuracy", 0.75, (0.5, 1), 8)
    assert found.keys == {"lr": 0.1}


def test_what_a_run_does_not_have():
    assert of(headline=[]) is None
    assert of(intervals={}).ends is None
    assert math.isnan(of(metrics={"accuracy": None}).value)
    assert math.isnan(of(metrics={}).value)


def test_the_loss_of_training_is_the_mean_of_each_epoch():
    assert of().training == [(1, 3.0), (2, 1.0)]
    assert of().training_rows == [(0.5, 4.0), (1.0, 2.0), (1.5, 1.0)]


def test_a_row_at_the_very_start_belongs_to_the_first_epoch():
    rows = [{"split": "train", "epoch": epoch, "loss": 4.0 - 2 * epoch} for epoch in (0, 1)]
    assert of(rows).training == [(1, 3.0)]


def test_the_loss_of_validation_is_the_loss_where_there_is_one():
    assert of().validation == [(1, 1.5), (2, 1.0)]
    rows = [*HISTORY, {"split": "validation", "epoch": 3, "loss": 0.25}]
    assert of(rows).validation == [(3, 0.25)]


def test_the_metric_where_it_was_defined():
    assert of().validated_metric == [(1, 0.5)]


@pytest.mark.parametrize("points", ["training", "training_rows", "validation", "validated_metric"])
def test_a_run_without_training_has_no_points(points):
    assert getattr(Evidence("accuracy", 0.5), points) == []
