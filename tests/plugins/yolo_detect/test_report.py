"""The pictures of the report tell what the table of matches tells."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.interfaces import Outcome
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.report import CROWD, MISSED, RIGHT, WRONG, _marks, figures, tables
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth, Sample

RED = (255, 0, 0)


def plain(width=100, height=60):
    return np.full((height, width, 3), 90, dtype=np.uint8)


@pytest.fixture
def outcome():
    """Return an evaluation of two images with something right, wrong, missed and in a crowd."""
    metric = DetectionMetric(("cat", "dog"), confidence=0.3)
    truth = GroundTruth(
        np.array([[10, 10, 40, 40], [50, 10, 80, 40], [0, 45, 99, 59]], dtype=float),
        np.array([0, 1, 0]),
        np.array([False, False, True]),
        np.array([900.0, 900.0, 1386.0]),
    )
    found = Detections(
        np.array([[11, 10, 40, 40], [10, 10, 41, 40], [60, 46, 80, 58], [0, 0, 9, 9]], dtype=float),
        np.array([0.9, 0.8, 0.7, 0.2]),
        np.array([0, 0, 0, 1]),
    )
    nothing = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, dtype=int))
    metric.update([found, nothing], [truth, truth], [1, "b"])

    class Shown:
        samples = tuple(Sample(name, plain, truth) for name in (1, "b"))

    values = metric.compute()
    return metric, Outcome({"detection": metric}, values, Shown(), (), None)


class TestReport:
    def test_marks_are_what_the_table_of_matches_says(self, outcome):
        metric, _ = outcome
        colours = [mark.colour for mark in _marks(metric.table(), 0, 0.5, 0.3)]
        # the second detection of the cat is wrong, the one inside the crowd is neither
        assert colours == [RIGHT, WRONG, CROWD, MISSED]
        colours = [mark.colour for mark in _marks(metric.table(), 1, 0.5, 0.3)]
        assert colours == [MISSED, CROWD, MISSED]

    def test_every_figure_draws(self, outcome):
        metric, result = outcome
        drawn = {figure.name: figure.draw() for figure in figures(metric, result)}
        assert list(drawn)[:2] == ["predictions", "worst_images"]
        assert len(drawn) == 7
        assert all(picture is not None for picture in drawn.values())

    def test_the_worst_image_comes_first(self, outcome):
        metric, result = outcome
        sheets = {f.name: f.draw() for f in figures(metric, result) if "_" in f.name}
        green = (np.asarray(sheets["worst_images"]) == RIGHT).all(2)
        assert not green[:, :360].any()
        assert green[:, 368:].any()

    def test_tables_show_conventions_with_reasons_and_classes_with_objects(self, outcome):
        metric, _ = outcome
        conventions, classes = tables(metric)
        assert len(conventions.rows) == 5
        assert all(len(row[-1]) > 40 for row in conventions.rows)
        assert [row[:2] for row in classes.rows] == [("cat", 2), ("dog", 2)]
