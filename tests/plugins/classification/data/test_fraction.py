"""`data.fraction`: fewer training pictures, of every class, nested, and the same test."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.runner import make_task


def parts(fraction):
    task = make_task("numpy_mlp", [{"data.fraction": str(fraction)}])
    return task.load_data()


@pytest.mark.parametrize("fraction", [0.5, 0.1, 0.0001])
def test_every_class_keeps_its_share_and_the_other_parts_stay(fraction):
    whole, fewer = parts(1), parts(fraction)
    counts = np.bincount(whole.train.labels)
    expected = np.maximum(np.round(fraction * counts), 1)
    np.testing.assert_array_equal(np.bincount(fewer.train.labels), expected)
    assert fewer.validation.ids == whole.validation.ids
    assert fewer.test.ids == whole.test.ids


def test_smaller_shares_are_part_of_larger_ones():
    small, large = set(parts(0.1).train.ids), set(parts(0.3).train.ids)
    assert small < large
