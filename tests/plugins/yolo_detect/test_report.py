"""Boxes on pictures, and that the pictures of the report tell what the table of matches tells."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.interfaces import Outcome
from nntasks.plugins.yolo_detect.evaluation.metric import DetectionMetric
from nntasks.plugins.yolo_detect.inference.drawing import Mark, class_colour, draw, montage
from nntasks.plugins.yolo_detect.report import CROWD, MISSED, RIGHT, WRONG, _marks, figures, tables
from nntasks.plugins.yolo_detect.samples import Detections, GroundTruth, Sample

RED = (255, 0, 0)


def plain(width=100, height=60):
    return np.full((height, width, 3), 90, dtype=np.uint8)


class TestDrawing:
    def test_the_lines_lie_on_the_edges_of_the_box(self):
        pixels = np.asarray(draw(plain(), [Mark((20, 30, 70, 50), "", RED)]))
        red = (pixels == RED).all(2)
        assert red[30, 20:71].all()
        assert red[50, 20:71].all()
        assert red[30:51, 20].all()
        assert red[30:51, 70].all()
        assert not red[34:47, 24:67].any()
        assert not red[:29].any()

    def test_a_larger_picture_has_its_boxes_in_the_same_place(self):
        picture = draw(plain(), [Mark((20, 30, 70, 50), "", RED)], side=400)
        assert picture.size == (400, 240)
        red = (np.asarray(picture) == RED).all(2)
        rows, columns = np.nonzero(red)
        assert (columns.min(), columns.max()) == pytest.approx((80, 280), abs=2)
        assert (rows.min(), rows.max()) == pytest.approx((120, 200), abs=2)

    def test_broken_lines_have_gaps(self):
        whole = np.asarray(draw(plain(), [Mark((5, 5, 95, 55), "", RED)]))
        broken = np.asarray(draw(plain(), [Mark((5, 5, 95, 55), "", RED, dashed=True)]))
        count = [(pixels == RED).all(2).sum() for pixels in (whole, broken)]
        assert 0.3 < count[1] / count[0] < 0.8

    @pytest.mark.parametrize("box", [(0, 0, 99, 59), (95, 1, 99, 5), (-20, -20, 300, 300)])
    def test_a_text_stays_inside_the_picture(self, box):
        with_text = np.asarray(draw(plain(), [Mark(box, "person", RED)]))
        without = np.asarray(draw(plain(), [Mark(box, "", RED)]))
        assert (with_text != without).any(2).sum() > 100

    def test_the_first_mark_lies_on_top(self):
        blue = (0, 0, 255)
        marks = [Mark((10, 10, 50, 50), "", RED), Mark((10, 10, 50, 50), "", blue)]
        assert tuple(np.asarray(draw(plain(), marks))[10, 30]) == RED

    def test_classes_have_colours_of_their_own(self):
        colours = [class_colour(label) for label in range(80)]
        assert len(set(colours)) == 80

    def test_a_montage_holds_every_picture(self):
        pictures = [draw(plain(50 + i, 40), []) for i in range(5)]
        sheet = np.asarray(montage(pictures, 3))
        assert sheet.shape[1] == 3 * 54 + 2 * 10
        assert sheet.shape[0] == 2 * 40 + 10
        assert (sheet == 90).all(2).sum() == sum(p.width * p.height for p in pictures)


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
