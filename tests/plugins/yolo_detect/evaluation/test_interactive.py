"""The interactive curves and matrix of a detector show the numbers of its metric."""

from __future__ import annotations

import numpy as np
import pytest
from detection_oracle import hard_data, metric_of

from nntasks.plugins.yolo_detect.evaluation.confusion import confusion_pairs
from nntasks.plugins.yolo_detect.evaluation.interactive import confusion, sweep


@pytest.fixture(scope="module")
def metric():
    return metric_of(*hard_data(0))


def test_the_slider_gives_the_metrics_precision_and_recall(metric):
    content = sweep(metric.curves(), metric.class_names, metric.confidence).content
    micro = metric.curves().micro()
    together = content["groups"][0]
    for step in (0, 50, 100):
        place = int(np.searchsorted(metric.curves().confidences, content["thresholds"][step]))
        right, found = together["right"][step], together["found"][step]
        assert right / together["truths"] == pytest.approx(micro["recall"][place])
        if found:
            assert right / found == pytest.approx(micro["precision"][place])


def test_the_cells_count_as_the_matrix_does_and_name_its_images(metric):
    table, iou, confidence = metric.table(), metric.iou_threshold, metric.confidence
    content = confusion(table, iou, confidence).content
    matrix = metric.confusion_matrix()
    there = matrix.any(axis=0) | matrix.any(axis=1)
    assert content["counts"] == matrix[there][:, there].tolist()
    assert content["rows"][-1] == "background"
    assert content["columns"][-1] == "missed"
    pairs = confusion_pairs(table, iou, confidence)
    known = {str(table.image_ids[image]) for image in pairs.image}
    assert {name for ids in content["samples"].values() for name in ids} <= known
    assert len(content["samples"]) == np.count_nonzero(matrix)
