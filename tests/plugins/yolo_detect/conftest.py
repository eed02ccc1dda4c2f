"""What the tests of detection share: public weights, and a small run of the default task."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def public_weights(real_data):
    """Return the file of public YOLOv5n weights."""
    return real_data / "yolov5n" / "yolov5n.safetensors"


@pytest.fixture(scope="session")
def reference(real_data):
    """Return what the public code gives for four photographs."""
    return json.loads((real_data / "yolov5n" / "reference_detections.json").read_text())


@pytest.fixture
def detection_task():
    """Return a function that makes the task with keys."""
    from nntasks.runner import make_task

    return lambda **keys: make_task("yolo_detect", [keys])


@pytest.fixture(scope="session")
def public_model(public_weights):
    """Return a model of the public weights."""
    from nntasks.runner import make_task

    return make_task("yolo_detect", []).load_model(public_weights, None)
