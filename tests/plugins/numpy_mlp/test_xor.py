"""Exclusive or as data: corners, classes, parts of one seed."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.config import build
from nntasks.errors import UsageError
from nntasks.plugins.numpy_mlp.xor import Points, Xor, XorOptions
from nntasks.seeding import Seeds


def loaded(seed=0, **keys):
    return Xor(XorOptions(**keys), Seeds(seed)).load(None)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_without_noise_the_class_is_the_parity_of_the_corner(dimensions):
    splits = loaded(dimensions=dimensions, noise=0)
    points, labels = splits.train.points, splits.train.labels
    assert points.shape == (512, dimensions)
    assert len(np.unique(points, axis=0)) == 2**dimensions
    odd_minus_signs = np.prod(-points, axis=1) < 0  # an odd number of positive coordinates
    assert np.array_equal(labels == 1, odd_minus_signs)
    assert splits.info.classes == ("even", "odd")
    assert splits.info.input_shape == (dimensions,)


def test_the_noise_has_the_deviation_asked():
    points = loaded(noise=0.15, points=5000).train.points
    distances = points - np.sign(points)
    assert distances.std() == pytest.approx(0.15, rel=0.05)
    assert points.dtype == np.float32


def test_parts_differ_and_the_validation_is_a_quarter():
    splits = loaded(points=100)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [100, 25, 100]
    assert not np.isin(splits.train.points, splits.test.points).any()


def test_the_seed_alone_fixes_the_points():
    assert np.array_equal(loaded(3).train.points, loaded(3).train.points)
    assert not np.array_equal(loaded(3).train.points, loaded(4).train.points)


def test_a_batch_has_the_points_asked_in_their_order():
    split = Points(np.arange(8.0).reshape(4, 2), np.array([1, 0, 1, 0], np.uint8))
    batch = split.batch([3, 0])
    assert batch.inputs.tolist() == [[6, 7], [0, 1]]
    assert batch.targets.tolist() == [0, 1]
    assert batch.targets.dtype == np.int64
    assert batch.ids == [3, 0]


@pytest.mark.parametrize("keys", [{"dimensions": 4}, {"points": 15}, {"noise": 1.5}])
def test_options_out_of_range_are_named(keys):
    (name,) = keys
    with pytest.raises(UsageError, match=f"^data.{name}: expected"):
        build(XorOptions, keys, prefix="data.")
