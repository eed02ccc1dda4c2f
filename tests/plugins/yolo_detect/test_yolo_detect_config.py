"""Keys of `yolo_detect` that are refused, in one line that names them."""

from __future__ import annotations

import pytest

from nntasks.errors import UsageError


@pytest.mark.parametrize("size", [32, 64, 640, 4096])
def test_sides_that_the_strides_divide(detection_task, size):
    assert detection_task(image_size=size).config.image_size == size


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("image_size", 100), ("image_size", 0), ("image_size", 4128)),
        *(("confidence", 1.1), ("iou", -0.1), ("eval_iou", 2), ("eval_confidence", -1)),
        *(("max_detections", 0), ("coco_detections", 0), ("soft_sigma", 0)),
        *(("scale", 1), ("translate", 1), ("hue", 0.6), ("mosaic", 1.5), ("label_smoothing", 1)),
        *(("nms", "hard"), ("backend", "onedn"), ("anchors", "none"), ("box_gain", -1)),
    ],
)
def test_values_out_of_their_range_are_named(detection_task, key, value):
    with pytest.raises(UsageError, match=rf"^{key}: expected") as error:
        detection_task(**{key: value})
    assert "\n" not in str(error.value)


def test_a_run_measures_something(detection_task):
    with pytest.raises(UsageError, match="metrics: expected at least one metric"):
        detection_task(metrics=())


def test_the_largest_changes_of_scale_keep_pictures_visible(detection_task):
    config = detection_task(scale=0.99, translate=0.99).config
    assert 1 - config.scale > 0
