"""The data sets: sizes, parts, real files, and what is wrong with folders."""

from __future__ import annotations

import numpy as np

from nntasks.interfaces import Dataset
from nntasks.plugins.classification.data.mnist import Mnist
from nntasks.seeding import Seeds
from nntasks.testing import check_plugin


def load(kind: type[Dataset], root=None, seed=0, **options):
    return kind(kind.Config(**options), Seeds(seed)).load(root)


def test_plugin():
    check_plugin("classification")


class TestReal:
    def test_mnist(self, real_data):
        splits = load(Mnist, real_data / "mnist")
        assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
            54001,
            5999,
            10000,
        ]
        counts = np.bincount(splits.test.labels).tolist()
        assert counts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
        assert len(load(Mnist, real_data / "mnist", validation=0).train) == 60000
