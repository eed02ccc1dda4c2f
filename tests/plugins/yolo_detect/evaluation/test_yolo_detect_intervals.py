"""Intervals of detection metrics, and differences of two detectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detection_oracle import coco_results, hard_data, metric_of
from score_problems import problem

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.intervals import (
    detection_replicates,
    differences,
    intervals,
)
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint

AT = OperatingPoint()


def many_images(seed=0):
    dataset, results = hard_data(seed, images=80)
    return dataset, results


def test_every_number_has_an_interval_around_it():
    metric = metric_of(*many_images())
    numbers, found = metric.compute(), metric.intervals()
    assert set(numbers) - set(found) == {"best_f1_confidence", "images", "objects"}
    for name, (low, high) in found.items():
        assert low < numbers[name] < high, name


def test_classes_have_intervals_too():
    metric = metric_of(*many_images())
    found = intervals(metric.table(), AT)
    for label, row in enumerate(metric.per_class()):
        for name, estimates in found.per_class.items():
            value, low, high = estimates[label]
            assert value == pytest.approx(row[name], abs=1e-12, nan_ok=True)
            assert math.isnan(low) or low <= value <= high


def test_the_same_seed_gives_the_same_intervals():
    table = metric_of(*many_images()).table()
    first, second, other = (
        intervals(table, AT, seed=seed, resamples=200).numbers["map50"] for seed in (5, 5, 6)
    )
    assert first == second != other


def worse(results, every):
    """Leave out one in `every` detections."""
    rows = [tuple(row.values()) for place, row in enumerate(results) if place % every]
    return coco_results(rows)


def replicates_of(dataset, results):
    return detection_replicates(metric_of(dataset, results).table(), AT, resamples=400)


def test_a_detector_that_misses_more_is_worse():
    dataset, results = many_images()
    whole, fewer = (replicates_of(dataset, r) for r in (results, worse(results, 4)))
    found = differences(whole, fewer).numbers["recall"]
    assert 0 < found.low < found.value < found.high
    assert found.p < 0.01
    assert differences(fewer, whole).numbers["recall"].value == -found.value


def test_a_detector_equals_itself():
    dataset, results = many_images()
    one = replicates_of(dataset, results)
    found = differences(one, one)
    assert tuple(found.numbers["map50_95"]) == (0.0, 0.0, 0.0, 1.0)
    assert len(found.per_class["map50"]) == len(dataset["categories"])


def test_other_images_are_refused():
    one = replicates_of(*many_images())
    with pytest.raises(UsageError, match="expected two results on the same images"):
        differences(one, replicates_of(*hard_data(1)))
    shorter = detection_replicates(metric_of(*many_images()).table(), AT, resamples=100)
    with pytest.raises(UsageError, match="one number of resamples"):
        differences(one, shorter)


def test_real_predictions(real_data):
    metric = metric_of(*problem(real_data, "coco128_val2017")[:2])
    found = intervals(metric.table(), AT).numbers
    assert found["map50"].low < 0.5256 < found["map50"].high
    assert 0.05 < found["map50"].high - found["map50"].low < 0.2
    assert np.isfinite([found[name] for name in ("map_small", "ar100", "f1_macro")]).all()
