"""Backgrounds of generated scenes: a function of the generator, without a middle brightness."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nntasks.pictures import grounds
from nntasks.pictures.grounds import colour, luminance, paint_ground, scatter_litter


def painted(seed, size=24, hue=0.3):
    return paint_ground(np.random.default_rng(seed), size, hue)


def test_the_generator_decides():
    assert np.array_equal(painted(1), painted(1))
    assert not np.array_equal(painted(1), painted(2))
    assert painted(1).dtype == np.float32
    assert painted(1, size=9).shape == (9, 9, 3)


def test_grounds_are_dark_or_pale_and_leave_room_for_ink():
    means = np.array([luminance(painted(seed)).mean() for seed in range(60)])
    dark, pale = (means < 0.55).sum(), (means > 0.6).sum()
    assert dark > pale > 0
    assert dark + pale >= 58
    assert means.min() > 0
    assert means.max() < 1.05


@pytest.mark.parametrize("pattern", grounds._PATTERNS, ids=lambda p: p.__name__)
def test_patterns_mix_two_colours(pattern):
    for seed in range(5):
        found = pattern(np.random.default_rng(seed), 32)
        assert found.shape == (32, 32)
        assert found.min() >= -0.2
        assert found.max() <= 1.2
        assert found.std() > 0.01


@pytest.mark.parametrize("most", [0, 1, 8])
def test_litter_changes_a_copy(most):
    ground = np.full((24, 24, 3), 0.5, np.float32)
    changed = 0
    for seed in range(12):
        found = scatter_litter(np.random.default_rng(seed), ground, most, 0.1)
        changed += not np.array_equal(found, ground)
        assert found.shape == ground.shape
        assert found.min() >= 0
        assert found.max() <= 1
    assert (ground == 0.5).all()
    assert (changed > 0) is (most > 0)


@pytest.mark.parametrize("shape", grounds._SHAPES, ids=lambda s: s.__name__)
def test_shapes_are_drawn_around_their_place(shape):
    layer = Image.new("RGBA", (64, 64))
    pen, at = ImageDraw.Draw(layer), np.array([32.0, 32.0])
    shape(np.random.default_rng(0), pen, at, 8.0, (9, 9, 9, 99))
    inked = np.argwhere(np.asarray(layer)[..., 3] > 0)
    assert len(inked) > 5
    assert np.abs(np.median(inked, axis=0) - 32).max() < 10


def test_brightness_weighs_green_most():
    red, green, blue = luminance(np.eye(3, dtype=np.float32))
    assert green > red > blue
    assert luminance(np.ones(3, np.float32)) == pytest.approx(1)


@pytest.mark.parametrize("hue", [0.25, 1.25, -0.75])
def test_a_hue_is_counted_in_turns(hue):
    assert colour(hue, 0.5, 0.8) == pytest.approx(colorsys.hsv_to_rgb(0.25, 0.5, 0.8))
