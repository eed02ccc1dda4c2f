"""The check of a metric catches what breaks its laws."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks import Metric
from nntasks.testing import (
    check_metric,
)


class MeanOfMeans(Metric):
    """Averages averages: depends on how samples fall into batches, and forgets to merge."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.last = 0.0

    def update(self, predictions, targets, ids):
        self.last = self.last / 2 + float(np.mean(predictions))

    def merge(self, other):
        pass

    def compute(self):
        return {"mean": self.last}

    def definitions(self):
        return {"mean": "a bad mean"}


def test_a_metric_that_minds_the_order_is_caught():
    with pytest.raises(AssertionError, match="order of updates"):
        check_metric(MeanOfMeans(), [([1.0], None, ["a"]), ([3.0], None, ["b"])])


def test_a_metric_that_cannot_merge_is_caught():
    with pytest.raises(AssertionError, match="merge"):
        check_metric(MeanOfMeans(), [([1.0], None, ["a"]), ([1.0], None, ["b"])])
