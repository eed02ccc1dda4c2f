"""The metric of masks: counts of a picture by hand, and what any order leaves alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from unet_masks import random_masks

from nntasks.errors import PluginError
from nntasks.interfaces import DataInfo
from nntasks.plugins.unet_segment.evaluation.counts import BINS
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric, build, count
from nntasks.plugins.unet_segment.samples import IGNORED
from nntasks.testing import check_metric

TRUTH = np.array([[1, 1, 0, 0, IGNORED]] * 2, np.uint8)
SHARES = np.array([[0.9, 0.5, 0.5, 0.1, 0.9], [1.0, 0.2, 0.0, 0.1, 0.1]])


def test_any_order_any_batch_the_same_bits():
    truth, shares = random_masks(ignored=0.1)
    pieces = [(list(shares[i : i + 3]), truth[i : i + 3], list(range(i, i + 3))) for i in (0, 3, 6)]
    check_metric(SegmentationMetric(), pieces)


def test_nothing_at_all_is_undefined():
    assert all(np.isnan(value) for value in SegmentationMetric().compute().values())


def test_another_size_is_refused():
    with pytest.raises(PluginError, match=r"a: expected probabilities \(4, 4\), got \(4, 5\)"):
        SegmentationMetric().update([np.zeros((4, 5))], np.zeros((1, 4, 4)), ["a"])


def test_a_picture_by_hand():
    """The threshold itself counts as object; the last column does not count."""
    hits, false_alarms, misses, rejections, *_ = count(TRUTH, SHARES, 0.5)
    assert (hits, false_alarms, misses, rejections) == (3, 1, 1, 3)


def test_histograms_hold_the_counted_pixels_by_probability():
    row = count(TRUTH, SHARES, 0.5)
    on, beside = row[6 : 6 + BINS], row[6 + BINS :]
    assert (on.sum(), beside.sum()) == (4, 4)
    assert on[BINS - 1] == 1  # a probability of 1 is in the last bin
    assert on[BINS // 2] == 1
    assert beside[0] == 1


def test_edges_are_those_of_counted_pixels():
    """So small a picture is edge alone: both agree on 3 of the 5 pixels that either has."""
    common, either = count(TRUTH, SHARES, 0.5)[4:6]
    assert (common, either) == (3, 5)


def test_numbers_of_two_pictures_pooled_and_each():
    metric = SegmentationMetric()
    metric.update([SHARES, np.zeros((2, 2))], [TRUTH, np.zeros((2, 2), np.uint8)], ["b", "a"])
    found = metric.compute()
    assert found["iou"] == 3 / 5
    assert found["dice"] == 6 / 8
    assert found["pixel_accuracy"] == 10 / 12
    assert found["iou_image_empty1"] == (3 / 5 + 1) / 2
    assert found["iou_image_empty0"] == 3 / 5 / 2
    assert found["iou_image_nonempty"] == 3 / 5
    assert metric.table.ids == ["a", "b"]


def test_every_number_has_a_sentence_and_an_interval_around_it():
    truth, shares = random_masks()
    metric = SegmentationMetric()
    metric.update(list(shares), truth, list(range(len(truth))))
    numbers, sentences = metric.compute(), metric.definitions()
    assert list(numbers) == list(sentences)
    assert all(text and not text.endswith(".") for text in sentences.values())
    for name, (low, high) in metric.intervals().items():
        assert low <= numbers[name] <= high


def test_the_threshold_is_that_of_the_configuration():
    metric = build(SimpleNamespace(threshold=0.95), DataInfo())
    metric.update([SHARES], [TRUTH], ["a"])
    assert metric.threshold == 0.95
    assert metric.compute()["recall"] == 1 / 4
