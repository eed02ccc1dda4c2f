"""The figures of a network, where its numbers are extreme."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from nntasks.plugins.numpy_mlp import report


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, np.nextafter(np.float32(1), np.float32(2))], np.float32),
        np.array([-1e-30, -1e-30]),
        np.zeros(3),
        np.zeros(0),
        np.array([-2.0, 5.0]),
    ],
    ids=["the last bit", "equal", "zeros", "none", "ordinary"],
)
def test_histograms_of_any_values(values):
    axes = Figure().subplots()
    report._histogram(axes, values, "layer", "blue")
    shares = sum(patch.get_height() for patch in axes.patches)
    assert shares == pytest.approx(1 if len(values) else 0)
