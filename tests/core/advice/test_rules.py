"""The verdict on staged runs: right or silent on each of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntasks.advice.evidence import Evidence, evidence
from nntasks.advice.rules import RULES
from nntasks.interfaces.yardsticks import Reference, Threshold, Yardsticks

CHANCE = Reference("accuracy", 0.1, "from always choosing the most frequent class")


def staged(train, validation=(), values=(), *, value=0.9, ends=None, lr=0.01, yardsticks=None):
    """A run with a training loss per tenth of an epoch, and a loss and a metric per epoch."""
    rows = [
        {"split": "train", "epoch": n / 10, "step": n, "loss": loss}
        for n, loss in enumerate(train, 1)
    ]
    for epoch in range(max(len(validation), len(values))):
        row = {"split": "validation", "epoch": epoch + 1, "step": epoch}
        row |= {"nll": validation[epoch]} if len(validation) else {}
        row |= {"accuracy": values[epoch]} if len(values) else {}
        rows.append(row)
    keys = {"epochs": math.ceil(len(train) / 10), "lr": lr}
    ends = ends or (value - 0.02, value + 0.02)
    return Evidence("accuracy", value, ends, 1000, rows, keys, yardsticks or Yardsticks(CHANCE))


def falling(epochs, start, end, noise=0.03, seed=0):
    """An exponential fall in `10 * epochs` rows, with noise in proportion."""
    rng = np.random.default_rng(seed)
    curve = np.geomspace(start, end, 10 * epochs)
    return (curve * (1 + noise * rng.normal(size=10 * epochs))).tolist()


def jumping(level, count, seed=0):
    return (level * np.exp(0.6 * np.random.default_rng(seed).normal(size=count))).tolist()


RARE = {f"class{n}": (95, 100) for n in range(9)} | {"rare": (2, 12)}
EVEN = {f"class{n}": (90, 100) for n in range(10)}
LOW = Threshold("confidence", "mean F1", 0.25, 0.57, 0.80, 0.93)
FINE = Threshold("confidence", "mean F1", 0.5, 0.52, 0.92, 0.925)
FLAT = [0.30, 0.20, 0.16, 0.151, 0.150, 0.151, 0.152, 0.150, 0.151, 0.150]

CASES = {
    # name: (run, names of the rules that speak)
    "under-trained, by its validation loss": (
        staged(falling(8, 2.3, 1.0), np.geomspace(2.2, 1.0, 8), value=0.7),
        ["more epochs"],
    ),
    "under-trained, by its metric alone": (
        staged(falling(8, 2.3, 1.0), values=np.linspace(0.1, 0.6, 8), value=0.6),
        ["more epochs"],
    ),
    "overfitting": (
        staged(falling(10, 1.5, 0.01), [1.2, 0.8, 0.6, 0.55, 0.6, 0.7, 0.8, 0.95, 1.1, 1.3]),
        ["overfitting"],
    ),
    "a rate so high that the loss explodes": (
        staged([2.3, 2.5, *jumping(9.0, 78)], lr=1.0, value=0.1),
        ["learning rate too high"],
    ),
    "a rate so high that the loss jumps": (
        staged([2.3, 2.3, *jumping(2.4, 78)], lr=1.0, value=0.12),
        ["learning rate too high"],
    ),
    "a rate so low that the loss does not move": (
        staged(falling(8, 2.31, 2.30, noise=0.003), lr=1e-9, value=0.1),
        [],  # nothing shows that it is not too high
    ),
    "an imbalanced set": (
        staged(falling(10, 2, 0.1), FLAT, yardsticks=Yardsticks(CHANCE, classes=RARE)),
        ["rare class"],
    ),
    "a wrong threshold": (
        staged(falling(10, 2, 0.1), FLAT, yardsticks=Yardsticks(threshold=LOW)),
        ["threshold"],
    ),
    "wrong labels": (
        staged(
            falling(10, 2, 0.7),
            [value + 0.6 for value in FLAT],
            value=0.8,
            yardsticks=Yardsticks(CHANCE, classes=EVEN, mistakes=(200, 1000, 0.53)),
        ),
        ["wrong labels"],
    ),
    "usual mistakes, less sure than right answers": (
        staged(
            falling(10, 2, 0.1), FLAT, yardsticks=Yardsticks(CHANCE, mistakes=(100, 1000, 0.85))
        ),
        [],
    ),
    "a loss that wobbles where nothing is left to gain": (
        staged(
            falling(10, 1.5, 0.001),
            [0.4, 0.1, 0.01, 0.002, 0.003, 0.003, 0.004, 0.004, 0.004, 0.004],
            value=0.986,
        ),
        [],
    ),
    "all is well": (
        staged(
            falling(10, 2, 0.1),
            FLAT,
            value=0.95,
            yardsticks=Yardsticks(CHANCE, classes=EVEN, mistakes=(50, 1000, 0.9), threshold=FINE),
        ),
        [],
    ),
    "too few validations to tell": (staged(falling(3, 2.3, 1.0), [2.0, 1.5, 1.1], value=0.6), []),
    "nothing was learned, for want of a signal": (
        staged(falling(8, 2.31, 2.29, noise=0.02), np.linspace(2.31, 2.30, 8), value=0.1),
        [],
    ),
    "a metric that wobbles at its best": (
        staged(
            falling(10, 2, 0.2), values=[0.5, 0.7, 0.8, 0.82, 0.81, 0.83, 0.82, 0.83, 0.82, 0.83]
        ),
        [],
    ),
    "no training": (staged([], yardsticks=Yardsticks(CHANCE)), []),
}


@pytest.mark.parametrize(("run", "rules"), CASES.values(), ids=CASES)
def test_the_right_rule_speaks_and_no_other(run, rules):
    found = [advice.rule for rule in RULES if (advice := rule(run)) is not None]
    assert found == rules


def test_a_rule_speaks_in_numbers_of_the_run():
    (advice,) = [a for rule in RULES if (a := rule(CASES["overfitting"][0])) is not None]
    assert "lowest at epoch 4 (0.55) and rose to 1.3" in advice.finding
    assert (advice.key, advice.value) == ("epochs", "4")


def test_a_run_without_a_headline_has_no_evidence():
    assert evidence({"headline": [], "metrics": {}}, [], {}, Yardsticks()) is None
    summary = {"headline": ["f1"], "metrics": {"f1": None}, "intervals": {"f1": [0.1, 0.2]}}
    found = evidence(summary, [], {}, Yardsticks())
    assert math.isnan(found.value)
    assert found.ends == (0.1, 0.2)
