"""Assignment 4: checks of IoU and Dice of masks, and of the Dice loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import central_differences, expect
from nntasks.interfaces.exercises import Check, Exercise
from nntasks.plugins.course.answers import segmentation as answers


def _masks(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.random((12, 9)) < 0.4, rng.random((12, 9)) < 0.6


_EMPTY = np.zeros((4, 4), dtype=bool)


class MaskIouExercise(Exercise):
    """IoU of masks."""

    assignment = "4"
    reference = staticmethod(answers.mask_iou)

    def checks(self) -> Iterator[Check]:
        yield Check("values", _iou_values)
        yield Check("empty masks", _iou_empty)


def _iou_values(student: Any, rng: np.random.Generator) -> None:
    predicted, truth = _masks(rng)
    got = student(predicted.copy(), truth.copy())
    guesses = {
        "is the Dice coefficient": answers.dice(predicted, truth),
        "is the share of equal pixels": (predicted == truth).mean(),
    }
    expect("mask_iou", "the IoU", got, answers.mask_iou(predicted, truth), guesses=guesses)


def _iou_empty(student: Any, rng: np.random.Generator) -> None:
    expect("mask_iou of two empty masks", "the IoU", student(_EMPTY, _EMPTY.copy()), 1.0)
    expect("mask_iou of an empty mask and a full one", "the IoU", student(_EMPTY, ~_EMPTY), 0.0)


class DiceExercise(Exercise):
    """Dice of masks."""

    assignment = "4"
    reference = staticmethod(answers.dice)

    def checks(self) -> Iterator[Check]:
        yield Check("values", _dice_values)
        yield Check("empty masks", _dice_empty)


def _dice_values(student: Any, rng: np.random.Generator) -> None:
    predicted, truth = _masks(rng)
    right = answers.dice(predicted, truth)
    guesses = {
        "lacks the factor 2": right / 2,
        "is the IoU": answers.mask_iou(predicted, truth),
        "divides by the union instead of the sum of both areas": 2
        * answers.mask_iou(predicted, truth),
    }
    expect(
        "dice", "the coefficient", student(predicted.copy(), truth.copy()), right, guesses=guesses
    )


def _dice_empty(student: Any, rng: np.random.Generator) -> None:
    expect("dice of two empty masks", "the coefficient", student(_EMPTY, _EMPTY.copy()), 1.0)
    got = student(_EMPTY, ~_EMPTY)
    expect("dice of an empty mask and a full one", "the coefficient", got, 0.0)


class DiceLossExercise(Exercise):
    """The soft Dice loss."""

    assignment = "4"
    reference = staticmethod(answers.dice_loss)

    def checks(self) -> Iterator[Check]:
        yield Check("loss", _loss_value)
        yield Check("empty truth", _loss_empty)
        yield Check("gradient against differences", _loss_gradient, 2)


def _loss_value(student: Any, rng: np.random.Generator) -> None:
    p, t = rng.random((6, 5)), (rng.random((6, 5)) < 0.5).astype(float)
    right = answers.dice_loss(p, t)[0]
    guesses = {
        "is the coefficient; the loss is 1 minus it": 1 - right,
        "lacks `smooth`": 1 - 2 * (p * t).sum() / (p.sum() + t.sum()),
    }
    expect("dice_loss", "the loss", student(p.copy(), t.copy())[0], right, guesses=guesses)


def _loss_empty(student: Any, rng: np.random.Generator) -> None:
    nothing = np.zeros((4, 4))
    expect("dice_loss of an empty mask", "the loss", student(nothing, nothing.copy())[0], 0.0)


def _loss_gradient(student: Any, rng: np.random.Generator) -> None:
    p, t = rng.random((6, 5)), (rng.random((6, 5)) < 0.5).astype(float)
    got = student(p, t)[1]
    below = p.sum() + t.sum() + 1
    guesses = {"treats the denominator as constant, but it depends on p": -2 * t / below}
    right = central_differences(lambda: float(student(p, t)[0]), p)
    what = "the gradient, against differences of the loss,"
    expect("dice_loss", what, got, right, guesses=guesses)
