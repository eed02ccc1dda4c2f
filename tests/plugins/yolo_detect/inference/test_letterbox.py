"""Pictures of any shape fit a square."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.inference.letterbox import Letterbox, fit_square


@pytest.mark.parametrize(
    ("width", "height"), [(3000, 2), (2, 3000), (1, 1), (100_000, 1), (64, 64)]
)
def test_a_picture_keeps_at_least_one_row_and_one_column(width, height):
    picture = np.full((height, width, 3), 7, np.uint8)
    square, place = fit_square(picture, 64)
    assert square.shape == (64, 64, 3)
    assert (square == 7).all(axis=2).sum() == place.scaled[0] * place.scaled[1]
    assert min(place.scaled) >= 1
    assert place == Letterbox.of(width, height, 64)
