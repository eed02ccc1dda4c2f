"""Splits of classifiers: shares of every class, labels that are none."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.classification.splits import LabelledPictures, check_labels, cut


class TestCut:
    def test_the_same_share_of_every_class(self):
        labels = np.repeat([0, 1, 2], [100, 10, 2])
        whole = LabelledPictures(np.zeros((112, 1, 1, 1), np.uint8), labels)
        rest, part = cut(whole, 0.2, np.random.default_rng(0))
        assert np.bincount(part.labels).tolist() == [20, 2, 1]
        assert sorted(rest.ids + part.ids) == list(range(112))

    def test_nothing(self):
        whole = LabelledPictures(np.zeros((3, 1, 1, 1), np.uint8), np.arange(3))
        rest, part = cut(whole, 0, np.random.default_rng(0))
        assert (len(rest), len(part)) == (3, 0)


def test_labels_that_are_no_class_are_named():
    with pytest.raises(UsageError, match="where: expected labels from 0 to 2, got 7 at number 1"):
        check_labels(np.array([0, 7, 9]), 3, "where")
