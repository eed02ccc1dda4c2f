"""Assignment 3: checks of precision and recall, and of average precision."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import expect
from nntasks.interfaces.exercises import Check, Exercise
from nntasks.plugins.course.answers import detection as answers


class PrecisionRecallExercise(Exercise):
    """Precision and recall along a ranking."""

    assignment = "3"
    reference = staticmethod(answers.precision_recall)

    def checks(self) -> Iterator[Check]:
        yield Check("precision", _precision)
        yield Check("recall", _recall)


def _precision(student: Any, rng: np.random.Generator) -> None:
    hits = rng.random(25) < 0.6
    got = student(hits.copy(), 20)[0]
    right = answers.precision_recall(hits, 20)[0]
    guesses = {"is divided by the number of true objects": right * np.arange(1, 26) / 20}
    expect("precision_recall", "the precision", got, right, guesses=guesses)


def _recall(student: Any, rng: np.random.Generator) -> None:
    hits = rng.random(25) < 0.6
    got = student(hits.copy(), 20)[1]
    found = np.cumsum(hits)
    guesses = {"is divided by the hits instead of by the true objects": found / hits.sum()}
    expect("precision_recall", "the recall", got, found / 20, guesses=guesses)


class AveragePrecisionExercise(Exercise):
    """Average precision."""

    assignment = "3"
    reference = staticmethod(answers.average_precision)

    def checks(self) -> Iterator[Check]:
        yield Check("by hand", _ap_by_hand)
        yield Check("values", _ap_values)
        yield Check("no detections, no objects", _ap_empty)


def _ap_of(student: Any, where: str, hits: np.ndarray, truths: int) -> None:
    right = answers.average_precision(hits, truths)
    raw = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    levels = np.linspace(0, 1, 11)
    best, recall = np.maximum.accumulate(raw[::-1])[::-1], np.cumsum(hits) / truths
    eleven = float(np.mean([best[recall >= level - 1e-12].max(initial=0) for level in levels]))
    guesses = {
        "has no envelope: take the best precision at this or a higher recall": raw[hits].sum()
        / truths,
        "is divided by the hits instead of by the true objects": right * truths / hits.sum(),
        "uses eleven levels, as VOC 2007 does, instead of the whole area": eleven,
        "is the mean precision over all detections": raw.mean(),
    }
    got = student(hits.copy(), truths)
    expect(where, "the area", got, right, guesses=guesses)


def _ap_by_hand(student: Any, rng: np.random.Generator) -> None:
    hits = np.array([1, 0, 1, 1, 0, 0, 1, 0, 0, 1], dtype=bool)
    _ap_of(student, "average_precision of the ten detections", hits, 6)


def _ap_values(student: Any, rng: np.random.Generator) -> None:
    _ap_of(student, "average_precision", rng.random(60) < 0.5, 45)


def _ap_empty(student: Any, rng: np.random.Generator) -> None:
    nothing = np.zeros(0, dtype=bool)
    expect("average_precision without detections", "the area", student(nothing, 3), 0.0)
    got = student(np.zeros(2, dtype=bool), 0)
    where = "average_precision without true objects"
    expect(where, "the area", got, math.nan)
