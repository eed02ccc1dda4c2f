"""Exercises of assignment 4: IoU and Dice of masks, and the Dice loss."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.segmentation import (
    DiceExercise,
    DiceLossExercise,
    MaskIouExercise,
)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        MaskIouExercise,
        "(predicted & truth).sum() / union",
        "2 * (predicted & truth).sum() / (predicted.sum() + truth.sum())",
        "values",
        "is the Dice coefficient",
    ),
    (
        MaskIouExercise,
        "float((predicted & truth).sum() / union)",
        "float((predicted == truth).mean())",
        "values",
        "is the share of equal pixels",
    ),
    (
        MaskIouExercise,
        "else 1.0",
        "else 0.0",
        "empty masks",
        "mask_iou of two empty masks: the IoU",
    ),
    (
        DiceExercise,
        "float(2 * (predicted",
        "float((predicted",
        "values",
        "dice: the coefficient lacks the factor 2",
    ),
    (
        DiceExercise,
        "predicted.sum() + truth.sum()",
        "(predicted | truth).sum()",
        "values",
        "divides by the union instead of the sum of both areas",
    ),
    (
        DiceExercise,
        "else 1.0",
        "else 0.0",
        "empty masks",
        "dice of two empty masks: the coefficient",
    ),
    (
        DiceLossExercise,
        "float(1 - above / below)",
        "float(above / below)",
        "loss",
        "is the coefficient; the loss is 1 minus it",
    ),
    (
        DiceLossExercise,
        "+ smooth\n    gradient",
        "+ 0\n    gradient",
        "loss",
        "dice_loss: the loss",
    ),
    (
        DiceLossExercise,
        "(above - 2 * truth * below) / below**2",
        "-2 * truth / below",
        "gradient against differences",
        "treats the denominator as constant, but it depends on p",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        MaskIouExercise,
        DiceExercise,
        DiceLossExercise,
    )
    planted = PLANTED
