"""Intervals of segmenters: the weighted numbers against the metrics of drawn pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nntasks.plugins.unet_segment.evaluation.conventions import CONVENTIONS
from nntasks.plugins.unet_segment.evaluation.counts import dice, iou, numbers
from nntasks.plugins.unet_segment.evaluation.intervals import intervals, weighted_numbers
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.statistics.bootstrap import drawn_weights

COLUMNS = ("hits", "false_alarms", "misses", "rejections", "edge_common", "edge_either")


def table_of(count, seed=0):
    rng = np.random.default_rng(seed)
    metric = SegmentationMetric()
    masks = (rng.random((count, 12, 12)) < rng.random((count, 1, 1)) * 0.6).astype(np.uint8)
    masks[::5] = 0  # without object
    shares = np.where(masks, rng.random(masks.shape) ** 0.5, rng.random(masks.shape) ** 3)
    shares[::10] = 0.1  # and without any found
    metric.update(shares, masks, list(range(count)))
    return metric.table


def drawn_table(table, weights):
    places = np.repeat(np.arange(len(weights)), weights)
    columns = {name: getattr(table, name)[places] for name in (*COLUMNS, "on", "beside")}
    return replace(table, ids=list(range(len(places))), **columns)


def drawn(table, weights):
    return numbers(drawn_table(table, weights))


def test_weighted_numbers_are_those_of_drawn_pictures():
    table = table_of(30)
    weights = drawn_weights(30, seed=2, resamples=25)
    ours = weighted_numbers(table, weights)
    assert set(ours) == set(numbers(table))
    for row, one in enumerate(weights):
        for name, value in drawn(table, one).items():
            assert ours[name][row] == pytest.approx(value, abs=1e-12, nan_ok=True), name


@pytest.mark.parametrize("name", CONVENTIONS)
def test_weighted_conventions_are_those_of_drawn_pictures(name):
    table, way = table_of(30), CONVENTIONS[name]
    weights = drawn_weights(30, seed=3, resamples=10)
    for measure in (iou, dice):
        ours = way.weighted(measure, table, weights.astype(float))
        theirs = [way.read(measure, drawn_table(table, one)) for one in weights]
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_every_number_has_an_interval_around_it():
    table = table_of(60)
    expected = numbers(table)
    for name, (value, low, high) in intervals(table).items():
        assert value == pytest.approx(expected[name], abs=1e-12)
        assert low < value < high


def test_pictures_are_drawn_and_not_pixels():
    """Dice of pixels that were independent would be far more certain."""
    table = table_of(60)
    _, low, high = intervals(table)["dice"]
    pixels = (table.hits + table.false_alarms + table.misses).sum()
    assert high - low > 3 * 0.5 / np.sqrt(pixels)


def test_nothing_to_draw_from():
    assert SegmentationMetric().intervals() == {}
