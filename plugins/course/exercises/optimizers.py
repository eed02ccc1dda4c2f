"""Assignment 1: checks of optimisers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import expect
from nntasks.interfaces.exercises import Check, Exercise, Miss
from nntasks.plugins.course.answers import optimizers as answers

_STEPS = 5


def _parameters(rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.normal(size=(4, 3)), rng.normal(size=3)]


def _after(optimizer: Any, parameters: list[np.ndarray], gradients: list) -> list[np.ndarray]:
    """Return the parameters after a step for each list of gradients."""
    values = [value.copy() for value in parameters]
    for row in gradients:
        optimizer.step(values, [gradient.copy() for gradient in row])
    return values


def _compare(
    name: str, student: Any, ours: Any, rng: np.random.Generator, steps: int, guesses: Any
) -> None:
    parameters = _parameters(rng)
    gradients = [_parameters(rng) for _ in range(steps)]
    got, right = (_after(make(), parameters, gradients) for make in (student, ours))
    if np.array_equal(got[0], parameters[0]):
        raise Miss(f"step of {name}: the parameters do not change; they must change in place")
    wrong = {mistake: _after(make(), parameters, gradients)[0] for mistake, make in guesses.items()}
    count = "the first step" if steps == 1 else f"{steps} steps"
    for index, which in enumerate(("first", "second")):
        what = f"the {which} parameter after {count}"
        expect(f"step of {name}", what, got[index], right[index], guesses={} if index else wrong)


class MomentumExercise(Exercise):
    """Gradient descent with momentum."""

    assignment = "1"
    reference = answers.Momentum

    def checks(self) -> Iterator[Check]:
        yield Check("first step", _momentum_first)
        yield Check("five steps", _momentum_many)


def _momentum_first(student: Any, rng: np.random.Generator) -> None:
    _compare(
        "Momentum",
        lambda: student(0.1, 0.9),
        lambda: answers.Momentum(0.1, 0.9),
        rng,
        1,
        {
            "moves uphill: the step must be subtracted": lambda: answers.Momentum(-0.1, 0.9),
            "has the gradient multiplied by 1 - momentum": lambda: answers.Momentum(0.01, 0.9),
        },
    )


def _momentum_many(student: Any, rng: np.random.Generator) -> None:
    _compare(
        "Momentum",
        lambda: student(0.1, 0.9),
        lambda: answers.Momentum(0.1, 0.9),
        rng,
        _STEPS,
        {"has no momentum: the velocity is not kept": lambda: answers.Momentum(0.1, 0.0)},
    )


class AdamExercise(Exercise):
    """Adam."""

    assignment = "1"
    reference = answers.Adam

    def checks(self) -> Iterator[Check]:
        yield Check("first step", _adam_first)
        yield Check("five steps", _adam_many)
        yield Check("epsilon", _adam_epsilon)


class _Uncorrected:
    """Adam without the correction for the start at 0."""

    def __init__(self) -> None:
        self.means: list[np.ndarray] = []
        self.squares: list[np.ndarray] = []

    def step(self, parameters: list[np.ndarray], gradients: list[np.ndarray]) -> None:
        if not self.means:
            self.means = [np.zeros_like(value) for value in parameters]
            self.squares = [np.zeros_like(value) for value in parameters]
        for index, gradient in enumerate(gradients):
            self.means[index] = 0.9 * self.means[index] + 0.1 * gradient
            self.squares[index] = 0.999 * self.squares[index] + 0.001 * gradient**2
            parameters[index] -= 0.05 * self.means[index] / (np.sqrt(self.squares[index]) + 1e-8)


_ADAM_MISTAKES = {
    "lacks the correction by 1 - beta^t": _Uncorrected,
    "has beta1 and beta2 exchanged": lambda: answers.Adam(0.05, 0.999, 0.9),
}


def _adam_first(student: Any, rng: np.random.Generator) -> None:
    _compare("Adam", lambda: student(0.05), lambda: answers.Adam(0.05), rng, 1, _ADAM_MISTAKES)


def _adam_many(student: Any, rng: np.random.Generator) -> None:
    _compare("Adam", lambda: student(0.05), lambda: answers.Adam(0.05), rng, _STEPS, _ADAM_MISTAKES)


def _adam_epsilon(student: Any, rng: np.random.Generator) -> None:
    value, gradient = np.zeros(3), np.array([1.0, 0.01, 0.0])
    got = [value.copy()]
    student(0.1, epsilon=0.01).step(got, [gradient])
    inside = -0.1 * gradient / np.sqrt(gradient**2 + 0.01)
    right = -0.1 * gradient / (np.abs(gradient) + 0.01)
    guesses = {"adds epsilon inside the square root": inside}
    expect("step of Adam with epsilon 0.01", "the parameter", got[0], right, guesses=guesses)
