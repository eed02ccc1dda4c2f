"""Boxes on pictures: where lines and labels are, and what stays untouched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from nntasks.plugins.yolo_detect.inference.drawing import Mark, class_colour, draw, montage

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 128, 0)


def grey(height=100, width=160):
    return np.full((height, width, 3), 90, np.uint8)


def pixels(mark, *others, **keys):
    return np.asarray(draw(grey(), [mark, *others], **keys))


def places_of(picture, colour):
    """Return (x1, y1, x2, y2) of the pixels of a colour, ends included."""
    y, x = np.nonzero((picture == colour).all(axis=2))
    return [int(value) for value in (x.min(), y.min(), x.max(), y.max())]


def test_eighty_classes_differ_and_the_next_repeat():
    colours = [class_colour(label) for label in range(80)]
    assert len(set(colours)) == 80
    assert all(0 <= value <= 255 for colour in colours for value in colour)
    assert class_colour(80) == colours[0]
    assert class_colour(165) == colours[5]


def test_a_box_is_a_frame_around_its_inside():
    picture = pixels(Mark((20, 30, 100, 80), "", RED))
    assert places_of(picture, RED) == [20, 30, 100, 80]
    assert (picture[35:75, 25:95] == 90).all()
    assert (picture[:29] == 90).all()


def test_the_picture_that_was_given_stays_as_it_was():
    image = grey()
    draw(image, [Mark((20, 30, 100, 80), "cat", RED)])
    assert (image == 90).all()


def test_the_first_mark_is_on_top():
    picture = pixels(Mark((20, 30, 100, 80), "", RED), Mark((20, 30, 100, 80), "", BLUE))
    assert not (picture == BLUE).all(axis=2).any()


def test_a_dashed_line_has_gaps_and_the_same_ends():
    whole, dashed = (
        pixels(Mark((20, 30, 116, 80), "", RED, dashed=kind)) for kind in (False, True)
    )
    row = (dashed[30] == RED).all(axis=1)
    assert 0.4 < row.sum() / (whole[30] == RED).all(axis=1).sum() < 0.75
    assert np.diff(row.astype(int)).clip(0).sum() > 3


def test_boxes_follow_the_scale_and_lines_do_not():
    mark = Mark((20, 30, 100, 80), "", RED)
    picture = draw(grey(), [mark], side=320)
    assert picture.size == (320, 200)
    assert places_of(np.asarray(picture), RED) == [40, 60, 200, 160]
    column = (np.asarray(picture)[65:155, :120] == RED).all(axis=2)
    assert set(column.sum(axis=1).tolist()) == {2}
    assert draw(np.zeros((1, 1000, 3), np.uint8), [], side=100).size == (100, 1)


def test_a_sharp_picture_has_lines_of_twice_the_width():
    mark = Mark((20, 30, 100, 80), "", RED)
    widths = [
        int((pixels(mark, sharp=sharp)[55, :60] == RED).all(axis=1).sum())
        for sharp in (False, True)
    ]
    assert widths == [2, 4]


def test_a_label_stands_above_its_box_or_within_the_picture():
    above = pixels(Mark((20, 50, 100, 90), "cat", GREEN))
    assert places_of(above, GREEN)[1] < 50 - 8
    at_the_edge = pixels(Mark((120, 0, 159, 99), "a long name", GREEN))
    assert (at_the_edge == GREEN).all(axis=2).sum() > 400  # its ground, moved inside


@pytest.mark.parametrize("box", [(0, 0, 159, 99), (155, 1, 159, 5), (-20, -20, 300, 300)])
def test_a_text_stays_inside_the_picture(box):
    changed = (pixels(Mark(box, "person", RED)) != pixels(Mark(box, "", RED))).any(axis=2)
    assert changed.sum() > 100


def test_labels_of_the_same_box_do_not_hide_each_other():
    box = (30, 40, 120, 70)
    picture = pixels(Mark(box, "first", RED), Mark(box, "second", BLUE))
    for colour in (RED, BLUE):
        assert (picture == colour).all(axis=2).sum() > 200


def test_ink_is_dark_on_light_and_light_on_dark():
    """Red is 90 all around, 255 in a yellow label and 0 in a blue one."""
    yellow, blue = (
        pixels(Mark((20, 50, 100, 90), "cat", ground))[..., 0]
        for ground in ((255, 255, 0), (0, 0, 120))
    )
    assert yellow.min() < 60
    assert blue.max() > 160


def test_a_box_turned_inside_out_is_a_line_at_its_left():
    left, top, right, bottom = places_of(pixels(Mark((50, 60, 40, 80), "", RED)), RED)
    assert (top, bottom) == (60, 80)
    assert 48 <= left <= right <= 52


@pytest.mark.parametrize(("columns", "size"), [(2, (110, 86)), (3, (170, 42)), (9, (170, 42))])
def test_a_montage_keeps_its_pictures_apart(columns, size):
    sides = [(50, 20), (40, 34), (50, 42)]
    sheet = montage([Image.new("RGB", side, RED) for side in sides], columns)
    width = min(columns, 3) * 60 - 10
    heights = [34, 42] if columns == 2 else [42]
    assert sheet.size == (width, sum(heights) + 10 * (len(heights) - 1))
    assert sheet.size == size
    reds = (np.asarray(sheet) == RED).all(axis=2).sum()
    assert reds == sum(width * height for width, height in sides)
