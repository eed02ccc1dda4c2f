"""Colours: distinct for every vision, and their dark counterparts."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.report import colours


def as_lab(names):
    """CIE L*a*b* by scikit-image's formulas: another space than the one the colours come from."""
    rgb = np.array([colours.rgb(name) for name in names])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169]]
    xyz = linear @ np.array([*to_xyz, [0.019334, 0.119193, 0.950227]]).T / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def smallest(values):
    apart = np.linalg.norm(values[:, None] - values[None], axis=-1)
    return apart[np.triu_indices(len(values), 1)].min()


@pytest.mark.parametrize(("count", "least"), [(10, 15.0), (80, 4.0)])
def test_classes_differ_in_colour(count, least):
    names = colours.distinct(count)
    assert len(set(names)) == count
    assert smallest(as_lab(names)) > least  # a difference of 2.3 is just noticeable


def test_a_longer_list_starts_with_the_shorter_one():
    assert colours.distinct(30)[:12] == colours.distinct(12)
    assert colours.distinct(12)[:10] == colours.TEN


def test_white_becomes_the_dark_paper_and_ink_becomes_light():
    rgb = np.array([colours.rgb(name) for name in ("#ffffff", "#2b333d", "#0072b2")])
    white, ink, blue = np.round(colours.darkened(rgb) * 255).astype(int)
    assert "#" + "".join(f"{v:02x}" for v in white) == colours.DARK_PAPER
    assert ink.min() > 200
    assert blue[2] > blue[0]  # still a blue


def test_every_colour_stands_out_on_both_papers():
    def luminance(rgb):
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    rgb = np.array([colours.rgb(name) for name in colours.TEN])
    for values, paper in ((rgb, "#ffffff"), (colours.darkened(rgb), colours.DARK_PAPER)):
        one, other = luminance(values), float(luminance(np.array(colours.rgb(paper))))
        contrast = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
        assert contrast.min() > 1.8
