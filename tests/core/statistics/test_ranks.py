"""Ranks, against SciPy's."""

import numpy as np
import pytest
from scipy import stats

from nntasks.statistics.ranks import ranks


@pytest.mark.parametrize("shape", [(9,), (1,), (5, 9), (2, 3, 40)])
def test_equal_values_get_their_mean_rank(shape):
    values = np.random.default_rng(0).integers(0, 4, shape).astype(float)
    np.testing.assert_array_equal(ranks(values), stats.rankdata(values, axis=-1))
