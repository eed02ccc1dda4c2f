"""True and false positives by hand, and those of a run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import nntasks as nt
from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect import Boxes, GroundTruth, match_boxes, read_output
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric

LEVELS = [level / 100 for level in range(50, 100, 5)]
NAMES = ("cat", "dog")
FOUND = Boxes.of(
    [[0, 0, 10, 10], [0, 0, 10, 8], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]],
    [0.9, 0.8, 0.7, 0.6, 0.2],
    [0, 0, 0, 1, 0],
    NAMES,
)
TRUTH = GroundTruth.from_boxes(
    np.array([[0, 0, 10, 10], [20, 0, 30, 6], [40, 0, 50, 10], [60, 0, 70, 10]]),
    np.array([0, 0, 1, 0]),
)


def test_matches_worked_out_by_hand():
    found = match_boxes(FOUND, TRUTH, confidence=0.5)
    assert found.counts == {"TP": 3, "FP": 1, "FN": 1}
    assert (found.precision, found.recall, found.f1) == (3 / 4, 3 / 4, 3 / 4)
    assert [(r["class"], r["score"], r["result"], r["iou"]) for r in found.detections] == [
        ("cat", 0.9, "TP", 1.0),
        ("cat", 0.8, "FP", None),  # its object is taken by the better box
        ("cat", 0.7, "TP", 0.6),
        ("dog", 0.6, "TP", 1.0),
    ]
    assert [(row["class"], row["result"]) for row in found.truths] == [
        ("cat", "found"),
        ("cat", "found"),
        ("cat", "FN"),
        ("dog", "found"),
    ]
    assert found.truths[found.detections[2]["truth"]]["y2"] == 6
    assert "3 TP, 1 FP, 1 FN" in repr(found)


def test_the_iou_threshold_counts():
    assert match_boxes(FOUND, TRUTH, iou=0.7).counts == {"TP": 3, "FP": 2, "FN": 1}
    assert match_boxes(FOUND, TRUTH, iou=0.63).counts["TP"] == 3
    assert match_boxes(FOUND, TRUTH, iou=0.59).counts["TP"] == 4


def test_curves_by_class_and_by_confidence():
    found = match_boxes(FOUND, TRUTH)
    curve = found.curve("cat")
    assert curve.scores.tolist() == [0.9, 0.8, 0.7, 0.2]
    assert curve.correct.tolist() == [True, False, True, True]
    assert curve.truths == 3
    assert curve.average_precision("voc10") == pytest.approx((1 + 3 / 4 + 3 / 4) / 3)
    mean = (curve.average_precision() + found.curve("dog").average_precision()) / 2
    assert found.mean_average_precision() == mean
    by = found.by_confidence
    assert by.micro()["precision"][[0, 500, 850]].tolist() == [4 / 5, 3 / 4, 1]


def test_crowd_regions_are_ignored():
    crowd = dataclasses.replace(TRUTH, crowd=np.array([False, True, False, False]))
    found = match_boxes(FOUND, crowd)
    assert found.counts == {"TP": 3, "FP": 1, "FN": 0}
    assert found.detections[2]["result"] == "ignored"
    assert found.truths.column("result") == ["found", "ignored", "found", "found"]


def test_several_pictures():
    found = match_boxes([FOUND, FOUND], [TRUTH, TRUTH])
    assert found.counts == {"TP": 8, "FP": 2, "FN": 0}
    assert found.truths.column("image") == [0] * 4 + [1] * 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: match_boxes(FOUND), "truth: expected the true objects"),
        (lambda: match_boxes(FOUND, TRUTH, iou=0), "iou: expected a number above 0"),
        (lambda: match_boxes([FOUND], [TRUTH, TRUTH]), "got 1, 2 and 1"),
        (lambda: match_boxes(FOUND, TRUTH).curve("cow"), "expected one of cat, dog, got 'cow'"),
    ],
)
def test_wrong_input_is_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a small run of the default task, hardly trained."""
    options = {"train": 16, "validation": 4, "test": 8, "size": 96}
    out = tmp_path_factory.mktemp("runs")
    return nt.run("yolo_detect", out=out, epochs=1, batch_size=8, data_options=options)


class TestOfARun:
    def test_its_numbers_are_those_of_the_run(self, run):
        assert match_boxes(run).mean_average_precision() == pytest.approx(
            run.metrics["map50"], abs=1e-12
        )
        confidence = run.task.config.confidence
        counted = match_boxes(run, confidence=confidence)
        for name in ("precision", "recall", "f1"):
            assert getattr(counted, name) == pytest.approx(run.metrics[name], nan_ok=True)
        assert counted.counts["TP"] + counted.counts["FN"] == run.metrics["objects"]

    def test_its_output_of_a_test_picture(self, run):
        sample = run.task.load_data().test.samples[0]
        output = read_output(run, sample.read())
        rows = 3 * (12 * 12 + 6 * 6 + 3 * 3)
        assert output.array.shape == (1, rows, 5 + 10)
        assert output.columns[:6] == ("x", "y", "w", "h", "objectness", "0")
        final = output.in_picture(output.candidates(0.001))
        assert match_boxes(final, sample.truth).counts["FP"] >= 0


def random_pictures(seed, count=12):
    """Return moved copies of true boxes, and boxes elsewhere."""
    rng = np.random.default_rng(seed)
    found, truths = [], []
    for _ in range(count):
        corner, size = rng.uniform(0, 200, (8, 2)), rng.uniform(10, 80, (8, 2))
        boxes, labels = np.concatenate([corner, corner + size], axis=1), rng.integers(0, 3, 8)
        moved = np.concatenate([boxes + rng.normal(0, 4, boxes.shape), boxes[:3] + 300])
        kinds = np.concatenate([labels, labels[:3]])
        found.append(Boxes.of(moved, rng.random(11), kinds, ["a", "b", "c"]))
        truths.append(GroundTruth.from_boxes(boxes, labels))
    return found, truths


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_those_of_the_metric(seed):
    found, truths = random_pictures(seed)
    metric = DetectionMetric("abc", confidence=0.4)
    metric.update(found, truths, range(len(found)))
    numbers = metric.compute()
    ours = match_boxes(found, truths, confidence=0.4)
    assert 0.2 < numbers["map50"] < 0.99
    assert ours.mean_average_precision() == pytest.approx(numbers["map50"], abs=1e-12)
    for name in ("precision", "recall", "f1"):
        assert getattr(ours, name) == numbers[name]
    results = ours.detections.column("result")
    assert ours.counts["TP"] == results.count("TP")
    assert ours.counts["FP"] == results.count("FP")
    assert ours.counts["FN"] == ours.truths.column("result").count("FN")
    exact = np.mean([match_boxes(found, truths, iou=t).mean_average_precision() for t in LEVELS])
    assert exact == pytest.approx(numbers["map50_95"], abs=1e-12)
