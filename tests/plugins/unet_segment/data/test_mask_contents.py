"""What is counted of one mask: values, greys, colours, and even areas of a middle grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nntasks.pictures.labels import LabelPicture
from nntasks.plugins.unet_segment.data.mask_contents import contents_of

PATH = Path("mask.png")


def contents(values, palette=None, **flags):
    given = {"numbered": False, "two_valued": False, "lossy": False, **flags}
    picture = LabelPicture(values=np.array(values, np.uint8), palette=palette, **given)
    return contents_of(PATH, picture)


def counted(counts):
    return {int(value): int(counts[value]) for value in np.flatnonzero(counts)}


def test_values_are_counted_and_flags_are_kept():
    found = contents([[0, 0, 255], [7, 0, 255]], numbered=True, lossy=True)
    assert counted(found.counts) == counted(found.greys) == {0: 3, 7: 1, 255: 2}
    assert found.counts.shape == (256,)
    assert (found.path, found.colours) == (PATH, None)
    assert (found.numbered, found.two_valued, found.lossy) == (True, False, True)


def test_a_palette_names_the_colours_that_occur_and_greys_go_by_them():
    palette = np.zeros((256, 3), np.uint8)
    palette[1], palette[2], palette[9] = (200, 200, 200), (200, 0, 0), (1, 2, 3)
    found = contents([[0, 1, 2], [0, 1, 1]], palette)
    assert found.colours == {0: (0, 0, 0), 1: (200, 200, 200), 2: (200, 0, 0)}
    assert counted(found.counts) == {0: 2, 1: 3, 2: 1}
    assert counted(found.greys) == {0: 2, 200: 4}


def test_an_even_area_of_a_middle_grey_is_counted_without_its_rim():
    values = np.zeros((9, 9), np.uint8)
    values[2:7, 2:7] = 128
    assert contents(values).even == 9


def test_noise_of_a_few_greys_is_still_even():
    values = np.full((6, 6), 128, np.uint8)
    values[::2] += 6
    assert contents(values).even == 36
    values[0, 0] += 1
    assert contents(values).even == 36 - 4


def test_soft_edges_and_the_two_ends_are_not_even():
    ramp = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (5, 1))
    assert contents(ramp).even == 0
    assert contents(np.full((5, 5), 32)).even == contents(np.full((5, 5), 223)).even == 0
    assert contents(np.full((5, 5), 33)).even == contents(np.full((5, 5), 222)).even == 25
