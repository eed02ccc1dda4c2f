"""The results of checks and predictions: what passes, and what a gradient check says."""

from __future__ import annotations

import math

import pytest

from nntasks.interfaces.results import CrossCheck, GradientCheck, SourcePrediction


@pytest.mark.parametrize(
    ("error", "passed"), [(0.0, True), (1e-6, True), (1.1e-6, False), (math.nan, False)]
)
def test_a_gradient_passes_within_its_tolerance(error, passed):
    assert GradientCheck("w", error, 1e-6).passed is passed


def test_what_a_gradient_check_says():
    right = GradientCheck("w", 2.5e-9, 1e-6, (1, 2), 0.25, 0.2500000001)
    assert str(right) == (
        "right: w, largest error 2.5e-09 at [1, 2]: 0.25 by the backward pass, 0.25 by central "
        "differences"
    )
    assert str(GradientCheck("b", 0.5, 1e-6)).startswith("WRONG: b, largest error 5.0e-01: nan by")


def test_two_ways_of_measuring_agree_exactly_unless_told_otherwise():
    assert CrossCheck("the mean", 1.0, 1.0).tolerance == 0


def test_a_prediction_has_no_problem_and_files_of_its_own():
    one, other = SourcePrediction([]), SourcePrediction([])
    assert (one.problem, one.picture) == ("", None)
    assert one.files is not other.files
