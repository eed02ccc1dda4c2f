"""The rules of a program: its thresholds, and averages of rankings whose value is known."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.evaluation.conventions.rules import AVERAGES, Rules

LINES = ("yolov5", "ultralytics")  # between recalls; the last one falls from 1 to 0


def test_thresholds_in_both_precisions():
    double = Rules().thresholds()
    assert double.tolist() == pytest.approx([0.5 + 0.05 * step for step in range(10)])
    for arithmetic in ("single", "single boxes"):
        single = Rules(arithmetic=arithmetic).thresholds()
        assert single.dtype == np.float64
        np.testing.assert_array_equal(single, np.float32(double))
        assert (single != double).any()


@pytest.mark.parametrize("name", AVERAGES)
def test_all_found_and_nothing_wrong(name):
    expected = 0.995 if name in LINES else 1
    assert AVERAGES[name](np.arange(1, 11), 10, 10) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", AVERAGES)
def test_nothing_found(name):
    assert AVERAGES[name](np.empty(0, np.int64), 5, 3) == 0
    assert AVERAGES[name](np.empty(0, np.int64), 0, 3) == 0


@pytest.mark.parametrize("name", AVERAGES)
def test_an_earlier_hit_is_never_worth_less(name):
    values = [AVERAGES[name](np.array([place]), 6, 2) for place in range(1, 7)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1] > 0
