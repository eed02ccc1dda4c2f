"""What an image costs, against an evaluation without it."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.evaluation.image_costs import image_costs
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth


def boxes(rng, count):
    low = rng.uniform(0, 80, (count, 2))
    return np.concatenate([low, low + rng.uniform(5, 40, (count, 2))], axis=1)


def image(rng):
    truth = GroundTruth.from_boxes(boxes(rng, rng.integers(0, 4)), np.zeros(0, np.int64))
    labels = rng.integers(0, 3, len(truth.boxes))
    crowd = rng.random(len(labels)) < 0.1
    truth = GroundTruth(truth.boxes, labels, crowd, truth.areas)
    near = truth.boxes + rng.normal(0, 3, truth.boxes.shape)
    found = np.concatenate([near, boxes(rng, 3)])
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    guesses = np.concatenate([labels, rng.integers(0, 3, 3)])
    return Detections(found, np.round(rng.random(len(found)), 1), guesses), truth


def metric_of(images):
    metric = DetectionMetric(["a", "b", "c"])
    for name, (found, truth) in images.items():
        metric.update([found], [truth], [name])
    return metric


@pytest.mark.parametrize("seed", range(5))
def test_the_cost_is_the_change_of_map_without_the_image(seed):
    rng = np.random.default_rng(seed)
    images = {name: image(rng) for name in range(8)}
    whole = metric_of(images)
    costs = image_costs(whole.table())
    for name in images:
        others = metric_of({key: value for key, value in images.items() if key != name})
        change = others.compute()["map50"] - whole.compute()["map50"]
        assert costs[name] == pytest.approx(change, abs=1e-12, nan_ok=True)


def test_without_objects_there_is_no_cost():
    rng = np.random.default_rng(0)
    found, _ = image(rng)
    nothing = GroundTruth.from_boxes(np.zeros((0, 4)), np.zeros(0))
    assert np.isnan(image_costs(metric_of({1: (found, nothing)}).table())).all()
