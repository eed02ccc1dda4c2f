"""A problem without special objects."""

from __future__ import annotations

from detection_oracle import OBJECTS, coco_dataset, samples

from nntasks.plugins.yolo_detect.evaluation.conventions.problem import Problem
from nntasks.plugins.yolo_detect.evaluation.records import Records


def test_flags_are_down_for_every_object():
    records = Records(2)
    records.add(*samples(coco_dataset([1, 2], [1, 2], OBJECTS), []))
    flat = records.flat()
    case = Problem.of(["cat", "dog"], flat)
    assert case.class_names == ("cat", "dog")
    assert case.records is flat
    assert case.difficult.tolist() == case.without_id.tolist() == [False] * 3


def test_without_objects_there_are_no_flags():
    case = Problem.of([], Records(0).flat())
    assert case.difficult.shape == case.without_id.shape == (0,)
    assert case.difficult.dtype == bool
