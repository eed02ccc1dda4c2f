"""The data sets: sizes, parts, real files, and what is wrong with folders."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.interfaces import Dataset
from nntasks.plugins.classification.data.cifar10 import Cifar10Subset
from nntasks.plugins.classification.data.digits import Digits
from nntasks.plugins.classification.data.mnist import Mnist
from nntasks.plugins.classification.splits import LabelledPictures, check_labels, cut
from nntasks.seeding import Seeds
from nntasks.testing import check_plugin, check_split


def load(kind: type[Dataset], root=None, seed=0, **options):
    return kind(kind.Config(**options), Seeds(seed)).load(root)


def test_plugin():
    check_plugin("classification")


class TestDigits:
    def test_parts_are_apart_and_the_same_for_every_seed(self):
        splits = load(Digits)
        parts = (splits.train, splits.validation, splits.test)
        assert [len(part) for part in parts] == [1295, 143, 359]
        ids = [set(part.ids) for part in parts]
        assert len(set.union(*ids)) == 1797
        again = load(Digits, seed=5)
        assert again.test.ids == splits.test.ids
        assert load(Digits, split_seed=1).test.ids != splits.test.ids
        assert splits.info.input_shape == (8, 8, 1)
        for part in parts:
            check_split(part)
            assert np.bincount(part.labels).min() >= 13  # every class in its share

    def test_pictures_use_the_range_of_bytes(self):
        pictures = load(Digits).train.pictures
        assert (pictures.dtype, pictures.min(), pictures.max()) == (np.uint8, 0, 255)


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

    def test_cifar10(self, real_data):
        splits = load(Cifar10Subset, real_data / "cifar10", validation=0)
        counts = np.bincount(splits.train.labels).tolist()
        assert counts == [396, 366, 420, 384, 422, 393, 414, 385, 407, 413]
        mean = splits.train.pictures.mean(axis=(0, 1, 2)) / 255
        assert mean == pytest.approx([0.4916, 0.4818, 0.4447], abs=1e-4)
        assert len(splits.info.classes) == 10


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
