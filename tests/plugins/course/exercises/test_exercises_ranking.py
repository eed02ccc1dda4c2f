"""Exercises of assignment 3: precision and recall, and average precision."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.ranking import (
    AveragePrecisionExercise,
    PrecisionRecallExercise,
)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        PrecisionRecallExercise,
        "right / np.arange(1, len(hits) + 1)",
        "right / truths",
        "precision",
        "is divided by the number of true objects",
    ),
    (
        PrecisionRecallExercise,
        "right / truths",
        "right / hits.sum()",
        "recall",
        "is divided by the hits instead of by the true objects",
    ),
    (
        AveragePrecisionExercise,
        "best = np.maximum.accumulate(precision[::-1])[::-1]",
        "best = precision",
        "by hand",
        "the area has no envelope: take the best precision at this or a higher recall",
    ),
    (
        AveragePrecisionExercise,
        "best[hits].sum() / truths",
        "best[hits].sum() / max(hits.sum(), 1)",
        "values",
        "is divided by the hits instead of by the true objects",
    ),
    (
        AveragePrecisionExercise,
        "return float(best[hits].sum() / truths)",
        "return float(precision.mean()) if len(hits) else 0.0",
        "values",
        "is the mean precision over all detections",
    ),
    (
        AveragePrecisionExercise,
        'float("nan")',
        "0.0",
        "no detections, no objects",
        "average_precision without true objects: the area",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        PrecisionRecallExercise,
        AveragePrecisionExercise,
    )
    planted = PLANTED
