"""The four conventions, by hand and against independent computations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from detection_oracle import coco_dataset, coco_results, hard_data, metric_of, samples

from nntasks.plugins.yolo_detect.evaluation.average_precision import (
    coco_101,
    voc07_11,
    voc10_area,
    yolov5_101,
)
from nntasks.plugins.yolo_detect.evaluation.comparison import CONVENTIONS
from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.conventions.programs import PROGRAMS
from nntasks.plugins.yolo_detect.evaluation.conventions.ranking import rank
from nntasks.plugins.yolo_detect.evaluation.conventions.rules import Rules
from nntasks.plugins.yolo_detect.evaluation.records import Records

ALL = [coco_101, voc07_11, voc10_area, yolov5_101]


def dense(places, detections):
    """Precision numerator and denominator at every detection."""
    right = np.zeros(detections, dtype=bool)
    right[np.asarray(places, dtype=int) - 1] = True
    return np.cumsum(right), np.arange(1, detections + 1)


def random_rankings(count=200):
    rng = np.random.default_rng(5)
    for _ in range(count):
        detections = int(rng.integers(1, 60))
        hits = int(rng.integers(0, detections + 1))
        places = np.sort(rng.permutation(detections)[:hits]) + 1
        yield places, detections, max(1, hits + int(rng.integers(0, 20)))


def test_by_hand():
    # Right, wrong, right, wrong; two of four objects found. Envelope: 1 up to recall 1/4, then
    # 2/3 up to 1/2, then 0.
    ranking = (np.array([1, 3]), 4, 4)
    assert voc10_area(*ranking) == pytest.approx((1 + 2 / 3) / 4)
    assert voc07_11(*ranking) == pytest.approx((3 * 1 + 3 * 2 / 3) / 11)  # 0, .1, .2 | .3, .4, .5
    assert coco_101(*ranking) == pytest.approx((26 * 1 + 25 * 2 / 3) / 101)


def test_a_recall_of_three_tenths_reaches_the_level():
    ranking = (np.array([1, 2, 3]), 3, 10)
    assert voc07_11(*ranking) == pytest.approx(4 / 11)


def test_envelope_looks_ahead():
    # Wrong, right, right: precision 1/2, then 2/3; at every recall the best still to come is 2/3.
    ranking = (np.array([2, 3]), 3, 2)
    for function in (coco_101, voc07_11, voc10_area):
        assert function(*ranking) == pytest.approx(2 / 3)


@pytest.mark.parametrize("function", ALL)
def test_extremes(function):
    none = np.empty(0, np.int64)
    assert np.isnan(function(none, 5, 0))
    assert function(none, 0, 3) == 0
    assert function(none, 5, 3) == 0


def test_perfect_ranking():
    for function in (coco_101, voc07_11, voc10_area):
        assert function(np.arange(1, 4), 3, 3) == pytest.approx(1)
    # YOLOv5's curve drops from 1 to 0 within its last hundredth.
    assert yolov5_101(np.arange(1, 4), 3, 3) == pytest.approx(0.995)


def test_yolov5_on_the_whole_curve():
    for places, detections, truths in random_rankings():
        found, ranks = dense(places, detections)
        recall = np.concatenate([[0.0], found / truths, [1.0]])
        precision = np.concatenate([[1.0], found / ranks, [0.0]])
        for index in range(len(precision) - 1, 0, -1):
            precision[index - 1] = max(precision[index - 1], precision[index])
        grid = np.linspace(0, 1, 101)
        expected = np.trapezoid(np.interp(grid, recall, precision), grid)
        assert yolov5_101(places, detections, truths) == pytest.approx(expected, abs=1e-12)


def test_voc_on_the_whole_curve():
    for places, detections, truths in random_rankings():
        found, ranks = dense(places, detections)
        precision = found / ranks
        levels = [max(precision[10 * found >= k * truths], default=0.0) for k in range(11)]
        assert voc07_11(places, detections, truths) == pytest.approx(np.mean(levels), abs=1e-12)
        steps = [max(precision[found >= k], default=0.0) for k in range(1, truths + 1)]
        assert voc10_area(places, detections, truths) == pytest.approx(np.mean(steps), abs=1e-12)


def whole_pixels(seed):
    """Data that single precision, in which torchmetrics computes, holds exactly."""
    rng = np.random.default_rng(seed)
    objects, rows = [], []
    for image in range(1, 31):
        for _ in range(rng.integers(0, 6)):
            box = [*rng.integers(0, 300, 2), *rng.integers(10, 120, 2)]
            label = int(rng.integers(1, 4))
            objects.append((image, label, list(map(float, box)), rng.random() < 0.1, 1.0 * box[2]))
            for _ in range(rng.integers(0, 4)):
                moved = np.maximum(np.array(box) + rng.integers(-9, 10, 4), 1)
                score = float(rng.integers(1, 65) / 64)
                rows.append((image, label, list(map(float, moved)), score))
    return coco_dataset(range(1, 31), [1, 2, 3], objects), coco_results(rows)


def test_eleven_points_against_torchmetrics():
    from torchmetrics.detection import MeanAveragePrecision

    dataset, results = whole_pixels(3)
    theirs = MeanAveragePrecision(rec_thresholds=[k / 10 for k in range(11)])
    predictions, targets, _ = samples(dataset, results)
    theirs.update(
        [
            {
                "boxes": torch.tensor(p.boxes, dtype=torch.float64),
                "scores": torch.tensor(p.scores, dtype=torch.float64),
                "labels": torch.tensor(p.labels),
            }
            for p in predictions
        ],
        [
            {
                "boxes": torch.tensor(t.boxes, dtype=torch.float64),
                "labels": torch.tensor(t.labels),
                "iscrowd": torch.tensor(t.crowd.astype(int)),
                "area": torch.tensor(t.areas, dtype=torch.float64),
            }
            for t in targets
        ],
    )
    expected = theirs.compute()
    records = Records(3)
    records.add(*samples(dataset, results))
    ranking = rank(Problem.of("abc", records.flat()), Rules(average="voc07"))
    ours = ranking.average_precision("voc07")
    assert 0.2 < np.nanmean(ours[0]) < 0.9
    assert np.nanmean(ours[0]) == pytest.approx(float(expected["map_50"]), abs=1e-6)  # float32
    assert np.nanmean(ours) == pytest.approx(float(expected["map"]), abs=1e-6)


def test_comparison_explains_itself():
    metric = metric_of(*hard_data(4))
    rows, numbers = metric.conventions(), metric.compute()
    assert [row.name for row in rows] == [convention.name for convention in CONVENTIONS]
    assert rows[0].map50 == numbers["map50"]
    assert rows[0].map50_95 == numbers["map50_95"]
    assert rows[3].map50 == numbers["map50_yolov5"]
    assert len({row.definition for row in rows}) == len({row.why_it_differs for row in rows}) == 5


def test_every_number_is_that_of_its_program():
    dataset, results = hard_data(4)
    metric = metric_of(dataset, results)
    records = Records(len(metric.class_names))
    records.add(*samples(dataset, results))
    case = Problem.of(metric.class_names, records.flat())
    numbers = metric.compute()
    for convention in CONVENTIONS[1:]:
        program = PROGRAMS[convention.program]
        theirs = program.compute(case)
        assert numbers[f"map50_{convention.key}"] == pytest.approx(theirs["map50"], abs=1e-12)
        if program.map50_95:
            ours = numbers[f"map50_95_{convention.key}"]
            assert ours == pytest.approx(theirs["map50_95"], abs=1e-12)
