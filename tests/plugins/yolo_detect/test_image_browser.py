"""The test images of a run for its report: outlines with kinds, numbers, pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from nntasks.interfaces import Outcome
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.image_browser import KINDS, browser
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth, Sample


class Split:
    def __init__(self, samples):
        self.samples = samples


@pytest.fixture
def made():
    truth = GroundTruth(
        np.array([[0, 0, 10, 10], [20, 20, 30, 30], [50, 50, 60, 60.0], [70, 0, 99, 40]]),
        np.array([0, 1, 0, 0]),
        np.array([False, False, False, True]),
        np.array([100.0, 100, 100, 1160]),
    )
    found = Detections(
        np.array(
            [[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30], [50, 50, 60, 52], [5, 70, 9, 80.0]]
        ),
        np.array([0.9, 0.8, 0.7, 0.6, 0.5]),
        np.array([0, 0, 0, 0, 1]),
    )
    empty = GroundTruth.from_boxes(np.zeros((0, 4)), np.zeros(0))
    none = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    metric = DetectionMetric(["cat", "dog"])
    metric.update([none, found], [empty, truth], ["b", "a"])
    pixels = np.full((100, 1000, 3), 7, np.uint8)
    samples = [Sample("b", lambda: pixels, empty), Sample("a", lambda: pixels, truth)]
    return browser(metric, Outcome({"d": metric}, {}, Split(samples), [], None))


def named(outlines):
    return [(KINDS[o.kind].name, o.label, o.score, o.note) for o in outlines]


def test_every_outline_has_its_kind(made):
    (own,) = (picture for picture in made.pictures if picture.id == "a")
    assert named(own.outlines) == [
        ("object", "cat", None, ""),
        ("missed", "dog", None, ""),
        ("missed", "cat", None, ""),
        ("crowd", "cat", None, ""),
        ("Bkg", "dog", 0.5, ""),
        ("Loc", "cat", 0.6, "of cat"),
        ("Cls", "cat", 0.7, "of dog"),
        ("Dupe", "cat", 0.8, "of cat"),
        ("right", "cat", 0.9, ""),
    ]
    assert own.outlines[-1].points == [0, 0, 10, 10]


def test_an_image_brings_its_numbers_and_a_smaller_picture(made):
    (own,) = (picture for picture in made.pictures if picture.id == "a")
    assert (own.numbers["objects"], own.numbers["misses"]) == (3, 2)
    assert (own.width, own.height) == (1000, 100)
    with Image.open(io.BytesIO(own.source)) as image:
        assert image.size == (640, 64)


def test_without_pictures_there_is_no_browser():
    metric = DetectionMetric(["cat"])
    assert browser(metric, Outcome({}, {}, Split([]), [], None)) is None
