"""Changes of training pictures, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nntasks.plugins.numpy_mlp.augmentation import shifted


@pytest.mark.parametrize("most", [0.5, 1, 2.3])
def test_pictures_are_moved_as_scipy_moves_them(most):
    pictures = np.random.default_rng(0).integers(0, 256, (20, 6, 7, 2), dtype=np.uint8)
    found = shifted(pictures, most, np.random.default_rng(1))
    moves = np.random.default_rng(1).uniform(-most, most, (2, 20))
    assert found.shape == pictures.shape
    for picture, own, down, across in zip(pictures, found, *moves, strict=True):
        expected = ndimage.shift(
            picture.astype(np.float64), (-down, -across, 0), order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(own, expected, atol=1e-3)


def test_no_distance_changes_nothing():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 1), dtype=np.uint8)
    assert np.array_equal(shifted(pictures, 0, np.random.default_rng(0)), pictures)
