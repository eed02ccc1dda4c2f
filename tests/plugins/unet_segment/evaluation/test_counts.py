"""Every number of the table against scikit-learn, picture by picture."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from unet_masks import random_masks, table_of

from nntasks.plugins.unet_segment.evaluation.counts import BINS, numbers, sweep
from nntasks.plugins.unet_segment.samples import IGNORED


@pytest.fixture
def seen():
    truth, shares = random_masks()
    return truth, shares >= 0.5, numbers(table_of(truth, shares))


SCORES = {
    "iou": sk.jaccard_score,
    "dice": sk.f1_score,
    "precision": sk.precision_score,
    "recall": sk.recall_score,
}


@pytest.mark.parametrize("name", SCORES)
def test_against_scikit_learn(name, seen):
    truth, called, found = seen
    score = SCORES[name]
    t, c = truth.ravel(), called.ravel()
    assert found[name] == pytest.approx(score(t, c), abs=1e-12)
    assert found[f"{name}_macro"] == pytest.approx(score(t, c, average="macro"), abs=1e-12)
    rows = (truth.reshape(len(truth), -1), called.reshape(len(truth), -1))
    whole = {"precision": rows[1], "recall": rows[0]}.get(name, rows[0] | rows[1])
    each = [
        score(*row, zero_division=0) if there.any() else np.nan
        for *row, there in zip(*rows, whole, strict=True)
    ]
    filled = {
        "empty0": np.nan_to_num(each, nan=0.0),
        "empty1": np.nan_to_num(each, nan=1.0),
        "nonempty": np.array(each)[~np.isnan(each)],
    }
    assert np.isnan(each).any()
    for how, values in filled.items():
        assert found[f"{name}_image_{how}"] == pytest.approx(values.mean(), abs=1e-12)
    samples = score(*rows, average="samples", zero_division=0)
    assert found[f"{name}_image_empty0"] == pytest.approx(samples, abs=1e-12)


def test_where_nothing_is_counted():
    truth, shares = random_masks(ignored=0.2)
    found = numbers(table_of(truth, shares))
    there = truth != IGNORED
    assert found["iou"] == pytest.approx(sk.jaccard_score(truth[there], shares[there] >= 0.5))


@pytest.mark.parametrize("threshold", [0.1, 0.37, 0.5, 0.9])
def test_thresholds(threshold):
    truth, shares = random_masks()
    found = numbers(table_of(truth, shares, threshold))
    expected = sk.f1_score(truth.ravel(), shares.ravel() >= np.float32(threshold))
    assert found["dice"] == pytest.approx(expected, abs=1e-12)


def test_the_sweep_is_what_each_threshold_gives():
    truth, shares = random_masks()
    steps = np.array([0, 1, 64, 128, 200, 255, 256]) / BINS
    found = sweep(table_of(truth, shares), steps)
    for i, step in enumerate(steps[:-1]):
        expected = numbers(table_of(truth, shares, step or 1e-9))
        assert found["iou"][i] == pytest.approx(expected["iou"], abs=1e-12)
        assert found["recall"][i] == pytest.approx(expected["recall"], abs=1e-12)


class TestBoundary:
    def test_it_falls_faster_than_iou_with_a_shift(self):
        truth = np.zeros((1, 60, 80), np.uint8)
        truth[0, 10:40, 10:60] = 1
        found = numbers(table_of(truth, np.roll(truth, 2, axis=2).astype(float)))
        assert found["boundary_iou"] < 0.8 < found["iou"]
