"""The calibration of confidences, by hand and on detections that are calibrated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation.calibration import calibration

BOX, FAR = [100.0, 100, 40, 40], [300.0, 300, 40, 40]


def table_of(rights, scores):
    """An image with one object and one detection for each: right, or elsewhere."""
    images = range(1, len(rights) + 1)
    objects = [(image, 1, BOX, False, 1600.0) for image in images]
    rows = [
        (image, 1, BOX if right else FAR, float(score))
        for image, right, score in zip(images, rights, scores, strict=True)
    ]
    return metric_of(coco_dataset(images, [1], objects), coco_results(rows)).table()


def test_by_hand():
    found = calibration(table_of([True, False, True, True], [0.52, 0.54, 0.93, 0.93]))
    rows = found.rows()
    assert [(row["from"], row["to"], row["detections"]) for row in rows] == [
        (0.5, 0.55, 2),
        (0.9, 0.95, 2),
    ]
    assert [row["precision"] for row in rows] == [0.5, 1.0]
    assert [row["gap"] for row in rows] == pytest.approx([0.03, -0.07])
    assert found.error().value == pytest.approx((2 * 0.03 + 2 * 0.07) / 4)


def test_against_plain_loops():
    table = metric_of(*hard_data(2)).table()
    found = calibration(table, least=0.2)
    counted = ~table.ignored(0) & (table.detections.score >= 0.2)
    right, score = (table.matched(0) >= 0)[counted], table.detections.score[counted]
    total = 0.0
    for place in range(20):
        chosen = (score >= place / 20) & ((score < (place + 1) / 20) | (place == 19))
        if chosen.any():
            total += abs(right[chosen].mean() - score[chosen].mean()) * chosen.sum()
    assert found.error().value == pytest.approx(total / counted.sum())
    assert sum(row["detections"] for row in found.rows()) == counted.sum()


def test_calibrated_detections_have_a_small_error():
    rng = np.random.default_rng(0)
    scores = rng.random(3000)
    calm = calibration(table_of(rng.random(3000) < scores, scores)).error()
    bold = calibration(table_of(rng.random(3000) < scores**2, scores)).error()
    assert calm.value < 0.04
    assert bold.value == pytest.approx(1 / 6, abs=0.03)  # the mean of p - p^2
    assert bold.low < 1 / 6 < bold.high


def test_one_class_and_none():
    table = metric_of(*hard_data(4)).table()
    every = [calibration(table, label=label) for label in range(len(table.class_names))]
    assert sum(len(one.bin) for one in every) == len(calibration(table).bin)
    empty = calibration(table, least=1.0 + 1e-9)
    assert empty.rows() == []
    assert math.isnan(empty.error().value)


def test_errors_that_cancel_out_over_the_image_show_by_position():
    """Too sure on the left, not sure enough on the right; by confidence alone all is well."""
    left, right = [10.0, 100, 40, 40], [590.0, 100, 40, 40]
    images = range(1, 401)
    objects, rows = [], []
    for image in images:
        box = left if image % 2 else right
        far = [box[0], 300.0, 40, 40]
        is_right = image % 10 < 2 if image % 2 else image % 10 < 8  # 1 of 5, 4 of 5
        objects.append((image, 1, box, False, 1600.0))
        rows.append((image, 1, box if is_right else far, 0.5))
    table = metric_of(coco_dataset(images, [1], objects), coco_results(rows)).table()
    assert calibration(table).error().value == pytest.approx(0)
    found = calibration(table, sizes=np.full((400, 2), 640.0))
    assert found.bins == 8**3
    value, low, high = found.error()
    assert value > 0.3
    assert low <= value <= high


def test_positions_against_plain_loops():
    table = metric_of(*hard_data(4)).table()
    sizes = np.random.default_rng(0).uniform(100, 700, (len(table.image_ids), 2))
    counted = ~table.ignored(0)
    right, score = (table.matched(0) >= 0)[counted], table.detections.score[counted]
    box, image = table.detections.box[counted], table.detections.image[counted]
    cells = {}
    for place, (x, y, w, h) in enumerate(box):
        width, height = sizes[image[place]]
        shares = (score[place], (x + w / 2) / width, (y + h / 2) / height)
        cell = tuple(min(int(share * 8), 7) for share in shares)
        cells.setdefault(cell, []).append(place)
    total = sum(abs((right[rows] - score[rows]).sum()) for rows in cells.values())
    value = calibration(table, sizes=sizes).error().value
    assert value == pytest.approx(total / counted.sum())
