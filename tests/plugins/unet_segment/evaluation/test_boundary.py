"""Pixels near the edge of a mask."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.unet_segment.evaluation.boundary import near_edge


def test_a_square():
    mask = np.zeros((60, 80), bool)  # diagonal 100: 2 pixels
    mask[10:30, 20:50] = True
    inner = np.zeros_like(mask)
    inner[12:28, 22:48] = True
    assert np.array_equal(near_edge(mask), mask & ~inner)


def test_the_edge_of_the_picture_is_an_edge():
    mask = np.ones((60, 80), bool)
    assert near_edge(mask)[0].all()
    assert not near_edge(mask)[5:-5, 5:-5].any()


def test_the_smallest_picture_has_an_edge_of_one_pixel():
    mask = np.zeros((9, 9), bool)  # 2 % of its diagonal are a quarter of a pixel
    mask[1:8, 1:8] = True
    inner = np.zeros_like(mask)
    inner[2:7, 2:7] = True
    assert np.array_equal(near_edge(mask), mask & ~inner)


def test_corners_are_as_near_as_sides():
    """Erosion by a square goes by the larger of the two distances, not by the diagonal."""
    mask = np.ones((300, 400), bool)  # diagonal 500: 10 pixels
    inside = np.flatnonzero(~near_edge(mask).all(axis=1))
    assert (inside[0], inside[-1]) == (10, 289)
    assert not near_edge(mask)[10, 10]
    assert near_edge(mask)[9, 200]


@pytest.mark.parametrize("mask", [np.zeros((8, 8), bool), np.eye(8, dtype=bool)])
def test_thin_objects_are_edge_alone_and_nothing_has_none(mask):
    assert np.array_equal(near_edge(mask), mask)
