"""Precision, recall and F1 against confidence."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import coco_dataset, coco_results, hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation.curves import confidence_counts

BOX = [0.0, 0.0, 40.0, 40.0]


def small_metric():
    objects = [(image, 1, BOX, False, 1600.0) for image in (1, 2, 3)]
    objects.append((1, 2, BOX, False, 1600.0))
    away = [100.0, 100.0, 40.0, 40.0]
    rows = [(1, 1, BOX, 0.9), (2, 1, away, 0.8), (2, 1, BOX, 0.3), (3, 3, BOX, 0.7)]
    return metric_of(coco_dataset([1, 2, 3], [1, 2, 3], objects), coco_results(rows))


def test_by_hand():
    counts = confidence_counts(small_metric().table(), 0.5, np.array([0.0, 0.3, 0.5, 0.8, 0.95]))
    assert counts.right[0].tolist() == [2, 2, 1, 1, 0]
    assert counts.detections[0].tolist() == [3, 3, 2, 2, 0]
    assert counts.truths.tolist() == [3, 1, 0]
    micro = counts.micro()
    np.testing.assert_allclose(micro["precision"], [2 / 4, 2 / 4, 1 / 3, 1 / 2, np.nan])
    np.testing.assert_allclose(micro["recall"], [2 / 4, 2 / 4, 1 / 4, 1 / 4, 0])
    np.testing.assert_allclose(micro["f1"], [4 / 8, 4 / 8, 2 / 7, 2 / 6, 0])
    macro = counts.macro()  # the third class has no objects, the second no detections
    np.testing.assert_allclose(macro["precision"], [2 / 3, 2 / 3, 1 / 2, 1 / 2, np.nan])
    np.testing.assert_allclose(macro["recall"], [1 / 3, 1 / 3, 1 / 6, 1 / 6, 0])
    np.testing.assert_allclose(macro["f1"], [1 / 3, 1 / 3, 1 / 5, 1 / 5, 0])


def test_best_f1_is_the_lowest_confidence_of_the_highest_value():
    assert small_metric().curves().best_f1() == (pytest.approx(1 / 3), 0.0)
    rows = [(1, 1, BOX, 0.6), (1, 1, [200.0, 0.0, 9.0, 9.0], 0.175)]
    dataset = coco_dataset([1], [1], [(1, 1, BOX, False, 1600.0)])
    assert metric_of(dataset, coco_results(rows)).curves().best_f1() == (1.0, 0.176)


@pytest.mark.parametrize("confidence", [0.0, 0.25, 0.5, 0.9])
def test_leaving_out_low_scores_is_the_same_as_never_having_had_them(confidence):
    dataset, results = hard_data(11)
    kept = [row for row in results if row["score"] >= confidence]
    whole = confidence_counts(metric_of(dataset, results).table(), 0.5, np.array([confidence]))
    cut = confidence_counts(metric_of(dataset, kept).table(), 0.5, np.array([0.0]))
    np.testing.assert_array_equal(whole.right, cut.right)
    np.testing.assert_array_equal(whole.detections, cut.detections)
