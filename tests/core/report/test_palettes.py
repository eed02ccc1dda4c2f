"""Palettes hold the commonest colours exactly, and their dark counterparts."""

from __future__ import annotations

import numpy as np
from PIL import Image

from nntasks.report import colours
from nntasks.report.palettes import MOST, dark_palette, with_palette


def test_few_colours_stay_exact_and_cover_all():
    pixels = np.random.default_rng(0).integers(0, 3, (20, 30, 3), dtype=np.uint8) * 127
    reduced, covered = with_palette(Image.fromarray(pixels))
    assert (reduced.mode, covered) == ("P", 1.0)
    assert np.array_equal(np.asarray(reduced.convert("RGB")), pixels)


def test_of_many_colours_the_commonest_are_kept():
    pixels = np.full((40, 40, 3), 252, np.uint8)
    pixels[:10] = np.random.default_rng(0).integers(0, 256, (10, 40, 3))
    pixels[0] = 255
    reduced, covered = with_palette(Image.fromarray(pixels))
    shown = np.asarray(reduced.convert("RGB"))
    assert (shown[0] == 255).all()  # near to 252, and not taken for it
    assert (shown[10:] == 252).all()
    assert 0.75 < covered < 0.96
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= MOST


def test_the_dark_palette_has_the_same_pixels():
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels[0] = 255
    reduced, _ = with_palette(Image.fromarray(pixels))
    dark = dark_palette(reduced)
    assert dark.tobytes() == reduced.tobytes()
    paper = [round(255 * value) for value in colours.rgb(colours.DARK_PAPER)]
    assert np.asarray(dark.convert("RGB"))[0, 0].tolist() == paper
