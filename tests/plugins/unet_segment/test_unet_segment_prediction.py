"""The outlines of a mask."""

from __future__ import annotations

import numpy as np

from nntasks.plugins.unet_segment.prediction import outlines


def test_outlines_are_closed_and_around_the_object():
    shares = np.zeros((20, 30), np.float32)
    shares[5:10, 8:16] = 1
    shares[0:3, 0:4] = 1  # at the picture's edge
    found = sorted(outlines(shares, 0.5), key=lambda line: line[:, 0].min())
    assert len(found) == 2
    for line, box in zip(found, ((0, 0, 4, 3), (8, 5, 16, 10)), strict=True):
        assert np.array_equal(line[0], line[-1])
        assert np.allclose([*line.min(axis=0), *line.max(axis=0)], box, atol=0.51)
