"""Metrics of resamples against evaluating each resample anew."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import hard_data, metric_of, samples
from hypothesis import given
from hypothesis import strategies as st
from property_tests import examples
from score_problems import problem

from nntasks import ops
from nntasks.plugins.yolo_detect.evaluation.comparison import weighted_conventions
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.curves import weighted_best_f1
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.evaluation.resampling import OperatingPoint, resampled_numbers

POINT = OperatingPoint(confidence=0.3)


def evaluated_anew(dataset, results, weights, **settings):
    """Return the metric of a data set with weights[i] copies of the i-th image by id."""
    predictions, targets, ids = samples(dataset, results)
    chosen = [
        (1000 * place + copy, predictions[i], targets[i])
        for place, i in enumerate(np.argsort(ids))
        for copy in range(weights[place])
    ]
    metric = metric_of(dataset, results, **settings).fresh()
    metric.update([p for _, p, _ in chosen], [t for _, _, t in chosen], [n for n, _, _ in chosen])
    return metric


def draws(images, resamples, seed=0):
    rng = np.random.default_rng(seed)
    return rng.multinomial(images, np.full(images, 1 / images), resamples).astype(np.uint8)


def assert_equal_to_new_evaluations(dataset, results, weights):
    table = metric_of(dataset, results, confidence=POINT.confidence).table()
    ours = resampled_numbers(table, weights, POINT)
    close = {"rtol": 0, "atol": 1e-12}
    for b, drawn in enumerate(weights):
        metric = evaluated_anew(dataset, results, drawn, confidence=POINT.confidence)
        expected, rows = metric.compute(), metric.per_class()
        for name, values in ours.numbers.items():
            np.testing.assert_allclose(values[b], expected[name], err_msg=name, **close)
        for name, values in ours.per_class.items():
            column = [row[name] for row in rows]
            np.testing.assert_allclose(values[:, b], column, err_msg=name, **close)


@pytest.mark.parametrize("seed", range(4))
def test_crowds_ties_and_empty_images(seed):
    dataset, results = hard_data(seed)
    assert_equal_to_new_evaluations(dataset, results, draws(12, 8, seed))


@examples(10)
@given(seed=st.integers(0, 10**6))
def test_any_weights(seed):
    dataset, results = hard_data(seed, images=4)
    weights = np.random.default_rng(seed).integers(0, 4, (3, 4)).astype(np.uint8)
    assert_equal_to_new_evaluations(dataset, results, weights)


@pytest.mark.parametrize("name", ["ties", "usual", "tiny"])
def test_the_problems(real_data, name):
    dataset, results, _ = problem(real_data, name)
    assert_equal_to_new_evaluations(dataset, results, draws(len(dataset["images"]), 3))


# Ultralytics and YOLOv5 sort equal scores by NumPy's default sort, in no particular order.
STABLE = ("map50_voc07", "map50_95_voc07", "map50_voc10", "map50_95_voc10", "best_f1")


@pytest.mark.parametrize("seed", range(2))
def test_conventions_and_the_best_f1(seed):
    (dataset, results), weights = hard_data(seed), draws(12, 5, seed)
    metric = metric_of(dataset, results)
    problem = Problem.of(metric.class_names, metric.records())
    ours = weighted_conventions(problem)(weights).numbers
    ours |= weighted_best_f1(metric.table(), 0.5)(weights).numbers
    for b, drawn in enumerate(weights):
        expected = evaluated_anew(dataset, results, drawn).compute()
        for name in STABLE:
            np.testing.assert_allclose(ours[name][b], expected[name], atol=1e-12, err_msg=name)


def test_every_weight_one_is_the_evaluation():
    dataset, results = hard_data(7)
    metric = metric_of(dataset, results, confidence=0.3)
    ours = resampled_numbers(metric.table(), np.ones((1, 12), np.uint8), POINT)
    expected = metric.compute()
    assert {name: values[0] for name, values in ours.numbers.items()} == pytest.approx(
        {name: expected[name] for name in ours.numbers}, abs=1e-12, nan_ok=True
    )


def test_both_implementations_give_the_same_bits():
    table = metric_of(*hard_data(3)).table()
    results = []
    for mode in ("auto", "python"):
        with ops.use(mode):
            results.append(resampled_numbers(table, draws(12, 40), POINT))
    for name, values in results[0].numbers.items():
        np.testing.assert_array_equal(values, results[1].numbers[name])


def test_many_classes_are_computed_in_blocks(monkeypatch):
    from nntasks.plugins.yolo_detect.evaluation import resampling

    table, weights = metric_of(*hard_data(3)).table(), draws(12, 150)
    whole = resampled_numbers(table, weights, POINT)
    monkeypatch.setattr(resampling, "_CELLS_AT_ONCE", 1)
    blocks = resampled_numbers(table, weights, POINT)
    for name, values in whole.per_class.items():
        np.testing.assert_array_equal(values, blocks.per_class[name])


def test_no_detections_and_no_images():
    metric = DetectionMetric(["a", "b"])
    ours = resampled_numbers(metric.table(), np.empty((3, 0), np.uint8), POINT)
    assert all(np.isnan(values).all() for values in ours.numbers.values())
