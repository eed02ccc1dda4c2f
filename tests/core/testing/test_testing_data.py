"""The check of a split catches augmentation that remembers."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks import Batch, Split
from nntasks.testing import (
    check_split,
)


class Fickle(Split):
    """Augments from a generator that remembers."""

    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return 4

    def batch(self, indices, *, epoch=None):
        x = np.array(indices, dtype=float)
        return Batch(x if epoch is None else x + self.rng.normal(), x, list(indices))


def test_augmentation_that_remembers_is_caught():
    with pytest.raises(AssertionError, match=r"batch\(epoch=0\) must give the same samples"):
        check_split(Fickle())
