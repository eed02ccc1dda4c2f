"""The metric: same bits for any order, batch size and split; undefined numbers; bad input."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from detection_oracle import hard_data, metric_of, samples

from nntasks.errors import UsageError
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth

NAMES = ["cat", "dog"]
BOX = np.array([[0.0, 0.0, 40.0, 40.0]])
ONE = np.array([0])


def detections(boxes=BOX, scores=(0.9,), labels=ONE):
    return Detections(np.asarray(boxes), np.asarray(scores, dtype=float), np.asarray(labels))


def nothing_found():
    return Detections(np.empty((0, 4)), np.empty(0), np.empty(0, np.int64))


def nothing_there():
    return GroundTruth.from_boxes(np.empty((0, 4)), np.empty(0, np.int64))


def bits(metric):
    return {name: np.float64(value).tobytes() for name, value in metric.compute().items()}


@pytest.fixture(scope="module")
def whole():
    dataset, results = hard_data(21, images=15)
    return metric_of(dataset, results), samples(dataset, results)


@pytest.mark.parametrize(("seed", "size"), [(0, 1), (1, 4), (2, 15)])
def test_any_order_and_batch_size(whole, seed, size):
    expected, (predictions, targets, ids) = whole
    order = np.random.default_rng(seed).permutation(len(ids))
    metric = expected.fresh()
    for start in range(0, len(ids), size):
        chosen = order[start : start + size]
        metric.update(
            [predictions[i] for i in chosen], [targets[i] for i in chosen], [ids[i] for i in chosen]
        )
    assert bits(metric) == bits(expected)
    assert metric.image_rows() == expected.image_rows()
    np.testing.assert_array_equal(metric.confusion_matrix(), expected.confusion_matrix())


@pytest.mark.parametrize("parts", [2, 5])
def test_any_split_over_processes(whole, parts):
    expected, (predictions, targets, ids) = whole
    metrics = []
    for rank in range(parts):
        metric = expected.fresh()
        metric.update(predictions[rank::parts], targets[rank::parts], ids[rank::parts])
        metric.compute()
        metrics.append(pickle.loads(pickle.dumps(metric)))
    merged = metrics.pop()
    for metric in metrics:
        merged.merge(metric)
    assert bits(merged) == bits(expected)


def test_fresh_and_reset_forget(whole):
    expected, data = whole
    metric = expected.fresh()
    assert metric.compute()["images"] == 0
    metric.update(*data)
    metric.reset()
    assert metric.compute()["images"] == 0


def test_every_number_is_defined_and_in_range(whole):
    metric, _ = whole
    numbers, texts = metric.compute(), metric.definitions()
    assert list(numbers) == list(texts)
    assert all(text.endswith(".") and name == name.lower() for name, text in texts.items())
    shares = {name: v for name, v in numbers.items() if name not in ("images", "objects")}
    assert all(0 <= value <= 1 for value in shares.values())
    assert len(metric.per_class()) == len(metric.class_names)


def test_names_follow_the_number_of_detections():
    assert {"ar1", "ar10", "ar300"} <= DetectionMetric(NAMES, max_detections=300).compute().keys()
    few = DetectionMetric(NAMES, max_detections=5)
    assert {"ar1", "ar5"} <= few.compute().keys()
    assert few.compute().keys() == few.definitions().keys()
    assert "ar10" not in few.compute()


@pytest.mark.parametrize("iou", [0.2, 0.33, 0.62, 1.0])
def test_another_iou_threshold_leaves_the_coco_numbers_alone(whole, iou):
    expected, data = whole
    metric = DetectionMetric(expected.class_names, iou_threshold=iou)
    metric.update(*data)
    assert metric.table().thresholds.size == 11
    assert metric.coco().summary() == expected.coco().summary()
    mine, other = metric.compute()["recall"], expected.compute()["recall"]
    assert mine >= other if iou < 0.5 else mine < other


def test_nothing_at_all():
    numbers = DetectionMetric(NAMES).compute()
    counts = {"images", "objects"}
    assert all(numbers[name] == 0 for name in counts)
    assert all(math.isnan(value) for name, value in numbers.items() if name not in counts)


def test_empty_images():
    metric = DetectionMetric(NAMES)
    metric.update([nothing_found()] * 2, [nothing_there()] * 2, [1, 2])
    assert metric.compute()["images"] == 2
    assert math.isnan(metric.compute()["map50"])
    assert metric.image_rows()[0]["objects"] == 0
    assert math.isnan(metric.image_rows()[0]["f1"])
    assert metric.confusion_matrix().sum() == 0


def test_objects_but_no_detections():
    metric = DetectionMetric(NAMES)
    metric.update([nothing_found()], [GroundTruth.from_boxes(BOX, ONE)], ["a"])
    numbers = metric.compute()
    assert numbers["map50"] == numbers["ar100"] == numbers["recall"] == numbers["f1"] == 0
    assert numbers["map50_yolov5"] == numbers["map50_voc07"] == numbers["map50_voc10"] == 0
    assert math.isnan(numbers["precision"])
    assert math.isnan(numbers["map_small"])


def test_detections_but_no_objects():
    metric = DetectionMetric(NAMES)
    metric.update([detections()], [nothing_there()], ["a"])
    numbers = metric.compute()
    assert math.isnan(numbers["map50"])
    assert math.isnan(numbers["recall"])
    assert numbers["precision"] == 0


def test_the_same_image_twice():
    metric = DetectionMetric(NAMES)
    truth = GroundTruth.from_boxes(BOX, ONE)
    metric.update([detections()], [truth], [7])
    metric.update([detections()], [truth], [np.int64(7)])
    assert metric.compute()["images"] == 1
    with pytest.raises(UsageError, match="image 7 came twice with different boxes"):
        metric.update([nothing_found()], [truth], [7])
    other = metric.fresh()
    other.update([nothing_found()], [truth], [7])
    with pytest.raises(UsageError, match="image 7 came twice"):
        metric.merge(other)
    assert metric.compute()["map50"] == 1


def test_merge_wants_the_same_settings():
    with pytest.raises(UsageError, match="same classes and settings, got one with 2 classes"):
        DetectionMetric(NAMES).merge(DetectionMetric(NAMES, confidence=0.5))
    with pytest.raises(UsageError, match="got dict"):
        DetectionMetric(NAMES).merge({})


@pytest.mark.parametrize(
    ("found", "truth", "message"),
    [
        (detections(scores=[1.5]), None, r"expected scores in 0\.\.1, got 1 detections"),
        (detections(scores=[np.nan]), None, r"expected scores in 0\.\.1"),
        (detections(labels=[2]), None, r"expected labels in 0\.\.1, got 1 detections"),
        (detections(boxes=BOX * np.nan), None, "expected finite box coordinates"),
        (detections(scores=[0.9, 0.8]), None, r"got shapes \(1, 4\), \(2,\), \(1,\) for image 'a'"),
        (None, GroundTruth.from_boxes(BOX, [-1]), "got 1 true objects without, the first in image"),
        (None, GroundTruth.from_boxes(BOX[:, ::-1], ONE), "x1 <= x2"),
    ],
)
def test_bad_input_is_refused_and_nothing_taken_in(found, truth, message):
    metric = DetectionMetric(NAMES)
    with pytest.raises(UsageError, match=message):
        metric.update(
            [nothing_found(), found or detections()],
            [nothing_there(), truth or GroundTruth.from_boxes(BOX, ONE)],
            ["b", "a"],
        )
    assert metric.compute()["images"] == 0


def test_lists_of_different_lengths():
    with pytest.raises(UsageError, match="got 1, 0 and 2"):
        DetectionMetric(NAMES).update([detections()], [], [1, 2])


@pytest.mark.parametrize(
    "settings",
    [{"confidence": 1.1}, {"iou_threshold": 0.0}, {"iou_threshold": 1.5}, {"max_detections": 0}],
)
def test_bad_settings(settings):
    with pytest.raises(UsageError, match=next(iter(settings))):
        DetectionMetric(NAMES, **settings)
    with pytest.raises(UsageError, match="at least one class"):
        DetectionMetric([])


def test_a_crowded_picture_is_found_in_full_where_all_boxes_are_kept():
    """300 objects, all found: COCO counts the best 100, every other number all."""
    x, y = (axis.ravel() * 20.0 for axis in np.meshgrid(np.arange(20), np.arange(15)))
    boxes = np.stack([x, y, x + 10, y + 10], axis=1)
    labels = np.zeros(300, dtype=np.int64)
    metric = DetectionMetric(["thing"], most=300)
    found = Detections(boxes, np.linspace(0.99, 0.5, 300), labels)
    metric.update([found], [GroundTruth.from_boxes(boxes, labels)], ["a"])
    numbers = metric.compute()
    assert (numbers["recall"], numbers["f1"], numbers["ar100"]) == (1, 1, pytest.approx(1 / 3))
    assert numbers["map50"] == pytest.approx(34 / 101)  # recall 0 to 1/3: 34 of 101 points
    for key in ("yolov5", "ultralytics"):
        assert numbers[f"map50_{key}"] == pytest.approx(0.995)
    assert numbers["map50_voc10"] == 1
    wide = DetectionMetric(["thing"], max_detections=300)
    wide.update([found], [GroundTruth.from_boxes(boxes, labels)], ["a"])
    assert wide.compute()["map50"] == wide.compute()["ar300"] == 1
    assert metric.confusion_matrix().tolist() == [[300, 0], [0, 0]]
    assert all(check.left == check.right for check in metric.cross_checks())
    assert metric.fresh().most == 300
    assert metric.crowded() == 1
    metric.update([nothing_found()], [GroundTruth.from_boxes(boxes[:100], labels[:100])], ["b"])
    assert metric.crowded() == 1
