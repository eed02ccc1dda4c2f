"""Labels of points: free of each other and of the points."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.report import style
from nntasks.report.labels import write_labels


@pytest.fixture
def written():
    def write(points, words):
        with style.applied():
            figure = style.new_figure(4.0, 4.0)
            axes = figure.subplots()
            axes.plot(*points.T, ".")
            count = write_labels(figure, [(axes, points, words)])
            figure.draw_without_rendering()
        boxes = [text.get_window_extent().extents for text in axes.texts]
        assert len(boxes) == count
        return axes, np.array(boxes)

    return write


def overlaps(boxes):
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    apart = ((low >= boxes[None, :, 2:]) | (high <= boxes[None, :, :2])).any(axis=-1)
    return int((~apart).sum()) - len(boxes)


def test_labels_of_a_crowd_do_not_collide(written):
    points = np.random.default_rng(0).normal(size=(150, 2))
    axes, boxes = written(points, [f"word{n}" for n in range(150)])
    assert 30 < len(boxes) < 150
    assert overlaps(boxes) == 0
    pixels = axes.transData.transform(points)
    inside = (pixels[:, None] > boxes[None, :, :2]) & (pixels[:, None] < boxes[None, :, 2:])
    assert not inside.all(axis=-1).any()  # no label covers a point


def test_labels_stay_inside_and_beside_their_points(written):
    axes, boxes = written(np.array([[0.0, 0.0], [1.0, 1.0]]), ["left", "right"])
    frame = axes.get_window_extent().extents
    assert (boxes[:, :2] >= frame[:2] - 0.5).all()
    assert (boxes[:, 2:] <= frame[2:] + 0.5).all()
    assert [text.get_text() for text in axes.texts] == ["left", "right"]


def test_of_two_words_in_one_place_both_are_written(written):
    _, boxes = written(np.array([[0, 0], [0, 0], [1, 1], [-1, -1]]), ["one", "two", "a", "b"])
    assert len(boxes) == 4
    assert overlaps(boxes) == 0
