"""The digits of scikit-learn as a data set."""

from __future__ import annotations

import numpy as np

from nntasks.interfaces import Dataset
from nntasks.plugins.classification.data.digits import Digits
from nntasks.seeding import Seeds
from nntasks.testing import check_split


def load(kind: type[Dataset], root=None, seed=0, **options):
    return kind(kind.Config(**options), Seeds(seed)).load(root)


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
