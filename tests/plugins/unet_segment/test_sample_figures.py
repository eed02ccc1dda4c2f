"""Figures of single pictures: a row for each view, a title that says what is known of each."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.plugins.unet_segment.sample_figures import draw_samples, error_map

NAMES = ["one", "none"]
TRUTH = np.array([[1, 1, 0, 255]] * 4, np.uint8)


@pytest.fixture
def drawn():
    """The figure of a picture with an object and of one without, as a model that finds half."""

    def batch(places):
        count = len(places)
        return SimpleNamespace(
            ids=[NAMES[place] for place in places],
            inputs=np.zeros((count, 4, 4, 3), np.uint8),
            targets=[TRUTH if place == 0 else np.zeros_like(TRUTH) for place in places],
        )

    def predict(found):
        left = np.array([[0.9, 0.1, 0.1, 0.1]] * 4)
        return [left * (name == "one") for name in found.ids]

    split = SimpleNamespace(names=NAMES, batch=batch)
    scores = {"one": 2 / 3, "none": math.nan}
    return draw_samples(SimpleNamespace(predict=predict), split, NAMES, scores, 0.5)


def test_a_title_has_the_score_or_says_that_there_is_no_object(drawn):
    titles = [axes.get_title() for axes in drawn.axes if axes.get_title()]
    assert titles == ["one\nDice 0.667", "none\nno object"]


def test_rows_are_the_picture_the_probability_and_the_errors(drawn):
    images = [axes.images[0].get_array() for axes in drawn.axes]
    assert [image.ndim for image in images] == [3, 3, 2, 2, 3, 3]
    np.testing.assert_array_equal(images[4], error_map(TRUTH, np.eye(4)[0] * np.ones((4, 1)) > 0))


def test_every_kind_of_pixel_has_a_colour_of_its_own():
    errors = error_map(np.array([[1, 1, 0, 0, 255]]), np.array([[True, False, True, False, True]]))
    assert len({tuple(colour) for colour in errors[0]}) == 5
    assert tuple(errors[0, 3]) == (245, 245, 245)
    assert tuple(errors[0, 4]) == (190, 190, 190)
