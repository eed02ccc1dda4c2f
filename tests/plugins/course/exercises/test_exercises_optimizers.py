"""Exercises of assignment 1: optimisers."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.optimizers import AdamExercise, MomentumExercise

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        MomentumExercise,
        "velocity *= self.momentum",
        "velocity *= 0",
        "five steps",
        "step of Momentum: the first parameter after 5 steps has no momentum",
    ),
    (
        MomentumExercise,
        "value -= self.lr",
        "value += self.lr",
        "first step",
        "moves uphill: the step must be subtracted",
    ),
    (
        MomentumExercise,
        "velocity += gradient",
        "velocity += (1 - self.momentum) * gradient",
        "first step",
        "has the gradient multiplied by 1 - momentum",
    ),
    (
        MomentumExercise,
        "value -= self.lr * velocity",
        "value = value - self.lr * velocity",
        "first step",
        "the parameters do not change; they must change in place",
    ),
    (
        AdamExercise,
        (
            "corrected_mean = mean / (1 - self.beta1**self.steps)\n            "
            "corrected_square = square / (1 - self.beta2**self.steps)"
        ),
        "corrected_mean, corrected_square = mean, square",
        "first step",
        "the first parameter after the first step lacks the correction by 1 - beta^t",
    ),
    (
        AdamExercise,
        "(np.sqrt(corrected_square) + self.epsilon)",
        "np.sqrt(corrected_square + self.epsilon)",
        "epsilon",
        "adds epsilon inside the square root",
    ),
    (
        AdamExercise,
        "self.beta1, self.beta2, self.epsilon = lr, beta1, beta2",
        "self.beta1, self.beta2, self.epsilon = lr, beta2, beta1",
        "five steps",
        "has beta1 and beta2 exchanged",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        MomentumExercise,
        AdamExercise,
    )
    planted = PLANTED
