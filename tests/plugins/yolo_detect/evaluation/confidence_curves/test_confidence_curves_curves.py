"""Precision and recall by straight lines over the confidence, and the best place of a curve."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.plugins.yolo_detect.evaluation.confidence_curves.curves import (
    CONFIDENCES,
    best_confidence,
    curves,
    f1_of,
)


def at(confidence):
    """Return the place of the nearest confidence."""
    return int(np.abs(CONFIDENCES - confidence).argmin())


def test_two_detections_by_hand():
    """Precision is 1 down to 0.9, then falls to 1/2 at 0.5; recall is 0 above 0.9, then 1/2."""
    precision, recall = curves(np.array([0.9, 0.5]), np.array([True, False]), 2)
    assert precision[at(0.95)] == 1
    assert recall[at(0.95)] == 0
    for confidence in (0.8, 0.6):
        place = at(confidence)
        expected = 1 - (0.9 - CONFIDENCES[place]) / 0.4 / 2
        assert precision[place] == pytest.approx(expected, abs=1e-6)
        assert recall[place] == 1 / 2
    assert precision[at(0.2)] == recall[at(0.2)] == 1 / 2


def test_recall_rises_along_a_line_as_the_confidence_falls():
    _, recall = curves(np.array([0.8, 0.4]), np.array([True, True]), 2)
    place = at(0.6)
    assert recall[place] == pytest.approx(1 - (CONFIDENCES[place] - 0.4) / 0.4 / 2, abs=1e-6)
    assert (np.diff(recall) <= 0).all()


def test_curves_of_a_class_without_detections_are_zero():
    precision, recall = curves(np.empty(0), np.empty(0, bool), 3)
    assert not precision.any()
    assert not recall.any()


def test_f1_is_the_harmonic_mean_and_0_where_both_are():
    found = f1_of(np.array([1.0, 0.5, 0.0, 1.0]), np.array([0.5, 0.5, 0.0, 0.0]))
    assert found.tolist() == pytest.approx([2 / 3, 1 / 2, 0, 0])


def test_a_plateau_beats_a_spike():
    curve = np.zeros(1000)
    curve[100] = 1
    curve[600:801] = 0.5
    assert 650 <= best_confidence(curve) <= 750  # where all of its neighbours are on the plateau


def test_a_curve_is_constant_beyond_its_ends():
    rising = np.linspace(0, 1, 1000)
    assert best_confidence(rising) == 999
    assert best_confidence(rising[::-1]) == 0


def test_of_equal_places_the_first_is_the_best():
    curve = np.zeros(1000)
    curve[[300, 700]] = 1
    assert best_confidence(curve) == 250  # 300 less half of the 101 places of the mean
