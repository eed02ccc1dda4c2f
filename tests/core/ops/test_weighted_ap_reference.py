"""The reference of `weighted_ap`: curves that are known by hand, and the recall levels."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.ops._weighted_ap_reference import _Levels, sweep

COCO, VOC07 = np.linspace(0, 1, 101), np.arange(11) / 10


def swept(hits, weights=((1, 1, 1),), *, truths=2, levels=(), ignored=(), outside=(), copy=None):
    """Sweep one ranking of detections, one in each image, whose hits are given as 0 and 1."""
    count = len(hits)
    right = np.array(hits, bool)[None, None]
    precision, found = sweep(
        np.array([0, count]),
        np.arange(count),
        np.zeros(count, int) if copy is None else np.array(copy),
        np.isin(np.arange(count), outside)[:, None],
        np.arange(count),
        right,
        np.isin(np.arange(count), ignored)[None, None],
        np.full((1, 1, len(weights)), truths),
        np.array(weights, np.uint8),
        np.array(levels, float),
    )
    return precision[0, 0, 0].tolist(), found[0, 0, 0].tolist()


def test_precision_is_averaged_over_the_objects():
    assert swept([1, 0, 1]) == ([pytest.approx((1 + 2 / 3) / 2)], [2])
    assert swept([0, 1, 1], truths=4) == ([pytest.approx((2 / 3 + 2 / 3) / 4)], [2])


def test_an_image_counts_as_often_as_it_weighs():
    # image 0 twice: hits at ranks 1, 2 and 4, of 3 objects; image 0 not at all: one hit at rank 2
    weights = ((2, 1, 1), (0, 1, 1))
    (twice, none), found = swept([1, 0, 1], weights, truths=3)
    assert twice == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert none == pytest.approx((1 / 2) / 3)
    assert found == [3, 1]


def test_what_is_ignored_takes_no_rank():
    assert swept([0, 1, 1], ignored=[0])[0] == pytest.approx([1.0])
    assert swept([1, 1, 0], ignored=[0]) == ([pytest.approx(0.5)], [1])


def test_a_copy_counts_where_its_image_occurs_so_often():
    weights = ((1, 1, 1), (2, 1, 1))
    (once, twice), found = swept([1, 1, 0], weights, truths=2, copy=[2, 0, 0])
    assert once == pytest.approx(0.5)
    assert twice == pytest.approx(1.0)
    assert found == [1, 2]


def test_without_objects_nothing_is_defined():
    (precision,), (found,) = swept([0, 0, 0], truths=0)
    assert np.isnan(precision)
    assert found == 0


@pytest.mark.parametrize("levels", [COCO, VOC07])
@pytest.mark.parametrize("truths", [1, 3, 7, 10, 90, 101])
def test_a_level_is_reached_where_its_double_is(levels, truths):
    known = _Levels.of(levels)
    for hits in range(truths + 1):
        expected = int(np.searchsorted(levels, hits / truths, side="right")) if hits else 0
        found = int(known.reached(np.array(hits), np.array(float(truths))))
        assert found == expected


def test_the_levels_weigh_alike():
    (precision,), _ = swept([1, 0, 1], levels=VOC07)
    assert precision == pytest.approx((6 * 1 + 5 * 2 / 3) / 11)
