"""How data sets are split into parts: shares of every class, nested, by a seed of their own."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.errors import UsageError
from nntasks.plugins.classification.data.options import (
    AllPartOptions,
    PartOptions,
    cut_into_parts,
    fraction_of,
    parts_as_given,
    with_validation,
)
from nntasks.plugins.classification.splits import LabelledPictures
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


CLASSES = ("cat", "dog")


def pictures(cats=20, dogs=10):
    labels = np.repeat([0, 1], [cats, dogs])
    values = np.arange(len(labels), dtype=np.uint8)
    return LabelledPictures(np.tile(values[:, None, None, None], (1, 2, 3, 1)), labels)


def test_validation_pictures_are_cut_off_by_class():
    splits = with_validation(pictures(), pictures(2, 2), PartOptions(validation=0.2), CLASSES)
    assert np.bincount(splits.train.labels).tolist() == [16, 8]
    assert np.bincount(splits.validation.labels).tolist() == [4, 2]
    assert set(splits.train.ids).isdisjoint(splits.validation.ids)
    assert len(splits.train.ids) + len(splits.validation.ids) == 30
    assert splits.info.classes == CLASSES
    assert splits.info.input_shape == (2, 3, 1)


def test_without_validation_pictures_the_test_serves():
    test = pictures(2, 2)
    splits = with_validation(pictures(), test, PartOptions(validation=0), CLASSES)
    assert splits.validation is splits.test is test
    assert len(splits.train) == 30


@pytest.mark.parametrize(("train", "test"), [((0, 0), (1, 1)), ((2, 2), (0, 0))])
def test_both_parts_must_have_pictures(train, test):
    with pytest.raises(UsageError, match="expected training and test pictures, got"):
        with_validation(pictures(*train), pictures(*test), PartOptions(validation=0), CLASSES)


def test_members_follow_from_the_seed_of_the_split():
    first, same, other = (
        with_validation(pictures(), pictures(1, 1), PartOptions(split_seed=seed), CLASSES)
        for seed in (1, 1, 2)
    )
    assert first.validation.ids == same.validation.ids != other.validation.ids


def test_a_whole_is_cut_into_three():
    options = AllPartOptions(test=0.5, validation=0.2)
    splits = cut_into_parts(pictures(), options, CLASSES)
    parts = (splits.train, splits.validation, splits.test)
    assert [np.bincount(part.labels).tolist() for part in parts] == [[8, 4], [2, 1], [10, 5]]
    assert sorted(name for part in parts for name in part.ids) == list(range(30))


def test_given_parts_stay_as_they_are_but_for_the_fraction():
    train, validation, test = pictures(), pictures(1, 1), pictures(2, 2)
    splits = parts_as_given(train, validation, test, PartOptions(fraction=0.5), CLASSES)
    assert np.bincount(splits.train.labels).tolist() == [10, 5]
    assert splits.validation is validation
    assert splits.test is test
    assert splits.info.input_shape == (2, 3, 1)


def test_a_fraction_keeps_the_order_and_one_of_each_class():
    fewer = fraction_of(pictures(100, 1), PartOptions(fraction=0.03))
    assert np.bincount(fewer.labels).tolist() == [3, 1]
    assert fewer.ids == sorted(fewer.ids)
    whole = pictures()
    assert fraction_of(whole, PartOptions(fraction=1)) is whole
