"""The metric that a configuration asks for."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError
from nntasks.interfaces import DataInfo
from nntasks.plugins.yolo_detect.metrics import build_detection

INFO = DataInfo(("cat", "dog"))


def test_every_limit_comes_from_its_key(detection_task):
    keys = {"confidence": 0.4, "coco_detections": 50, "max_detections": 70}
    metric = build_detection(detection_task(**keys).config, INFO)
    assert metric.class_names == ("cat", "dog")
    assert (metric.confidence, metric.max_detections, metric.most) == (0.4, 50, 70)
    assert "ar50" in metric.compute()


def test_by_default_coco_counts_a_hundred_of_three_hundred(detection_task):
    metric = build_detection(detection_task().config, INFO)
    assert (metric.confidence, metric.max_detections, metric.most) == (0.25, 100, 300)


def test_data_without_classes_are_refused(detection_task):
    with pytest.raises(UsageError, match="expected class names, got none"):
        build_detection(detection_task().config, DataInfo())
