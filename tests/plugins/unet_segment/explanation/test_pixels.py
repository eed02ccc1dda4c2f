"""Distances against scipy's distance transform; the choice of a pixel; neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from nntasks.plugins.unet_segment.explanation.pixels import (
    Boundary,
    largest_error,
    least_certain,
    nearest_boundary,
    neighbours,
)
from nntasks.plugins.unet_segment.samples import IGNORED

MASKS = arrays.arrays(
    np.uint8,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.sampled_from([0, 1, IGNORED]),
)


@given(MASKS, st.data())
def test_the_nearest_boundary_is_that_of_a_distance_transform(mask, data):
    y = data.draw(st.integers(0, mask.shape[0] - 1))
    x = data.draw(st.integers(0, mask.shape[1] - 1))
    found = nearest_boundary(mask, (x, y))
    own = mask[y, x]
    others = (mask != own) & (mask != IGNORED)
    if own == IGNORED or not others.any():
        assert found is None
        return
    expected = ndimage.distance_transform_edt(~others)[y, x]
    assert found.distance == pytest.approx(expected)
    assert others[found.y, found.x]
    assert np.hypot(found.x - x, found.y - y) == pytest.approx(expected)


def test_a_mask_of_booleans():
    mask = np.zeros((5, 6), bool)
    mask[:, 4:] = True
    assert nearest_boundary(mask, (1, 2)) == Boundary(4, 2, 3.0)
    assert nearest_boundary(mask, (5, 0)) == Boundary(3, 0, 2.0)


def test_the_largest_error_is_among_counted_pixels():
    shares = np.array([[0.9, 0.2], [0.4, 0.7]])
    truth = np.array([[IGNORED, 0], [1, 1]], np.uint8)
    assert largest_error(shares, truth) == (0, 1)
    assert largest_error(shares, np.full((2, 2), IGNORED, np.uint8)) is None
    assert largest_error(np.full((2, 3), 0.5), np.zeros((2, 3), np.uint8)) == (0, 0)


def test_the_least_certain_pixel_is_nearest_to_the_threshold():
    shares = np.array([[0.9, 0.2, 0.45], [0.1, 0.62, 1.0]])
    assert least_certain(shares, 0.5) == (2, 0)
    assert least_certain(shares, 0.6) == (1, 1)


def test_neighbours_end_at_the_border():
    values = np.arange(12.0).reshape(3, 4)
    around = neighbours(values, (0, 1))
    assert around[0] == [None] * 5
    assert around[2] == [None, None, 4.0, 5.0, 6.0]
    assert around[3] == [None, None, 8.0, 9.0, 10.0]
