"""The report of a segmentation: rows, yardsticks, and curves that show what was counted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from unet_masks import random_masks, table_of

from nntasks.plugins.unet_segment.evaluation.counts import numbers
from nntasks.plugins.unet_segment.evaluation.metric import SegmentationMetric
from nntasks.plugins.unet_segment.report import (
    draw_calibration,
    draw_sweep,
    figures,
    items,
    thumbnails,
    yardsticks,
)

# Three pictures of 2 x 2 pixels: nothing there and nothing found; all found; half of it.
TRUTH = np.array([[[0, 0], [0, 0]], [[1, 1], [0, 0]], [[1, 1], [0, 0]]], np.uint8)
SHARES = np.array([[[0, 0], [0, 0]], [[1, 1], [0, 0]], [[1, 0], [0, 1]]], float) * 0.8


def metric_of(truth=TRUTH, shares=SHARES, threshold=0.5):
    metric = SegmentationMetric(threshold)
    metric.update(list(shares), truth, ["none", "all", "half"][: len(truth)])
    return metric


def test_the_lowest_dice_comes_first_and_what_is_undefined_last():
    rows = items(metric_of().table)
    assert [row["id"] for row in rows] == ["half", "all", "none"]
    worst = rows[0]
    assert (worst["hits"], worst["false alarms"], worst["misses"]) == (1, 1, 1)
    assert (worst["dice"], worst["iou"], worst["object"]) == (1 / 2, 1 / 3, 1 / 2)
    assert np.isnan(rows[2]["dice"])
    assert rows[2]["object"] == 0


def test_dice_is_judged_by_calling_every_pixel_object():
    """A third of the pixels are objects: Dice is 2 / 3 / (4 / 3)."""
    found = yardsticks(metric_of())
    assert found.chance.metric == "dice"
    assert found.chance.value == pytest.approx(1 / 2)
    assert found.threshold.used == 0.5
    assert found.threshold.at_used == pytest.approx(2 * 3 / (2 * 3 + 2))
    assert found.threshold.at_best >= found.threshold.at_used


def test_a_better_threshold_is_found():
    shares = np.array([[[0.3, 0.3], [0.1, 0.1]]])
    found = yardsticks(metric_of(TRUTH[1:2], shares)).threshold
    assert found.at_used == 0
    assert found.at_best == 1
    assert 0.1 < found.best <= 0.3


def test_without_pictures_there_is_no_threshold():
    found = yardsticks(SegmentationMetric())
    assert found.threshold is None
    assert found.chance.value == 0


def test_without_pictures_of_a_model_the_curves_are_left():
    outcome = SimpleNamespace(model=None, split=None)
    assert [figure.name for figure in figures(metric_of(), outcome)] == [
        "thresholds",
        "calibration",
    ]
    assert list(thumbnails(metric_of(), outcome)) == []


def test_the_sweep_shows_the_numbers_of_each_threshold():
    truth, shares = random_masks()
    drawn = draw_sweep(table_of(truth, shares), 0.25)
    lines = {line.get_label(): line for line in drawn.axes[0].lines}
    at, values = lines["Dice"].get_data()
    place = int(np.argmin(np.abs(at - 0.5)))
    assert values[place] == pytest.approx(numbers(table_of(truth, shares, 0.5))["dice"])
    assert lines["threshold in use, 0.25"].get_xdata()[0] == 0.25
    (best,) = (label for label in lines if label.startswith("highest Dice"))
    assert f"{max(values):.3f}" in best


def test_the_calibration_shows_the_share_of_objects_in_each_bin():
    upper, lower = draw_calibration(metric_of().table).axes
    points = upper.lines[1].get_xydata()
    assert points[:, 1].tolist() == pytest.approx([1 / 8, 3 / 4])  # near 0, and at 0.8
    heights = [bar.get_height() for bar in lower.patches]
    assert sum(heights) == 12
    assert heights[0] == 8
