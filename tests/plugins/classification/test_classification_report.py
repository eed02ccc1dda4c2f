"""The report of a classifier: rows, tables, yardsticks and what figures show."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from nntasks.plugins.classification.metric import ClassificationMetric
from nntasks.plugins.classification.predictions import Predictions
from nntasks.plugins.classification.report import (
    class_table,
    cross_checks,
    draw_confusion,
    draw_mistakes,
    draw_reliability,
    figures,
    items,
    judged,
    metric_of,
    separation,
    yardsticks,
)

CLASSES = ("cat", "dog", "owl")
# Right and sure, wrong, right and less sure, wrong; no owl.
TABLE = Predictions(
    ["a", "b", "c", "d"],
    np.array([0, 1, 0, 1]),
    np.array([[0.9, 0.05, 0.05], [0.7, 0.3, 0], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]]),
)
COUNTS = np.array([[2, 0, 0], [1, 0, 1], [0, 0, 0]])


def test_the_least_probable_truth_comes_first():
    rows = items(TABLE, CLASSES)
    assert [row["id"] for row in rows] == ["d", "b", "c", "a"]
    assert rows[0] == {
        "id": "d",
        "true": "dog",
        "predicted": "owl",
        "right": False,
        "confidence": 0.8,
        "probability of truth": 0.1,
    }


def test_a_row_for_every_class_also_without_samples():
    cat, dog, owl = class_table(TABLE, CLASSES).rows
    assert cat == ("cat", 2, pytest.approx(2 / 3), 1, pytest.approx(4 / 5))
    assert dog[:2] == ("dog", 2)
    assert dog[3] == 0
    assert owl[:2] == ("owl", 0)
    assert np.isnan(owl[3])


def test_numbers_that_must_agree_do_and_a_wrong_one_is_seen():
    for check in cross_checks(TABLE, {"accuracy": 0.5}):
        assert abs(check.left - check.right) <= check.tolerance, check.what
    for check in cross_checks(TABLE, {"accuracy": 0.5 + 1e-9}):
        assert abs(check.left - check.right) > check.tolerance, check.what


def test_accuracy_is_judged_by_the_most_frequent_class():
    found = yardsticks(TABLE, CLASSES)
    assert (found.chance.metric, found.chance.value) == ("accuracy", 0.5)
    assert found.classes == {"cat": (2, 2), "dog": (0, 2), "owl": (0, 0)}
    assert found.mistakes[:2] == (2, 4)
    assert found.mistakes[2] == 0.5  # 0.9 is above both mistakes, 0.6 above none


@pytest.mark.parametrize(
    ("confidence", "correct", "expected"),
    [
        ([0.9, 0.8, 0.3], [True, True, False], 1),
        ([0.1, 0.8], [True, False], 0),
        ([0.5, 0.5, 0.9], [True, False, True], 0.75),
        ([0.5, 0.6], [True, True], 0.5),
        ([], [], 0.5),
    ],
)
def test_right_answers_should_be_surer_than_wrong_ones(confidence, correct, expected):
    assert separation(np.array(confidence), np.array(correct, bool)) == expected


def test_mistakes_are_shown_where_there_are_pictures_and_mistakes():
    pictures = dict.fromkeys("abcd", np.zeros((2, 2, 1), np.uint8))
    right = Predictions(TABLE.ids[:1], TABLE.labels[:1], TABLE.probabilities[:1])
    for table, given, expected in (
        (TABLE, pictures, ["confusion", "mistakes", "reliability"]),
        (TABLE, None, ["confusion", "reliability"]),
        (right, pictures, ["confusion", "reliability"]),
    ):
        assert [figure.name for figure in figures(table, CLASSES, given)] == expected


def test_the_confusion_matrix_has_its_counts_and_names():
    axes = draw_confusion(COUNTS, CLASSES).axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts == {(0, 0): "2", (0, 1): "1", (2, 1): "1"}  # column, row
    assert [label.get_text() for label in axes.get_yticklabels()] == list(CLASSES)
    shown = np.asarray(axes.images[0].get_array())
    np.testing.assert_array_equal(shown, [[1, 0, 0], [0.5, 0, 0.5], [0, 0, 0]])


def test_of_many_classes_neither_counts_nor_names_are_written():
    axes = draw_confusion(np.eye(31, dtype=int), [f"c{n}" for n in range(31)]).axes[0]
    assert list(axes.texts) == []
    assert "c30" not in [label.get_text() for label in axes.get_yticklabels()]


def test_a_mistake_names_both_classes_and_a_right_answer_one():
    assert judged(TABLE, CLASSES, 0) == "cat\n90%"
    wrong = judged(TABLE, CLASSES, 3)
    assert wrong.startswith("dog")
    assert "owl" in wrong
    assert wrong.endswith("80%")


def test_worst_mistakes_in_colour_and_in_grey():
    for channels in (1, 3):
        pictures = dict.fromkeys("abcd", np.full((4, 4, channels), 9, np.uint8))
        drawn = draw_mistakes(TABLE, CLASSES, pictures, [3, 1])
        titles = [axes.get_title() for axes in drawn.axes]
        assert titles == [judged(TABLE, CLASSES, 3), judged(TABLE, CLASSES, 1)]
        assert drawn.axes[0].images[0].get_array().ndim == (2 if channels == 1 else 3)


def test_calibration_shows_a_point_for_each_bin_with_samples():
    upper, lower = draw_reliability(TABLE).axes
    points = upper.containers[0].lines[0].get_xydata()
    assert points[:, 0].tolist() == pytest.approx([0.6, 0.7, 0.8, 0.9])
    assert points[:, 1].tolist() == [1, 0, 0, 1]
    assert sum(bar.get_height() for bar in lower.patches) == 4
    assert upper.get_title().startswith("calibration error 0.500")  # (0.4 + 0.7 + 0.8 + 0.1) / 4


def test_the_metric_of_a_run_is_found_among_others():
    metric = ClassificationMetric("ab")
    assert metric_of(SimpleNamespace(metrics={"x": object(), "c": metric})) is metric
    assert metric_of(SimpleNamespace(metrics={"x": object()})) is None
