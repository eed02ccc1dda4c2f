"""Exercises of assignment 1: layers and the loss."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.layers import (
    CrossEntropyExercise,
    LinearExercise,
    ReluExercise,
    SigmoidExercise,
)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        LinearExercise,
        "gradient.sum(axis=0)",
        "gradient.sum(axis=1)",
        "bias gradient",
        (
            "backward of Linear: the gradient of the bias is summed over the wrong axis: "
            "expected shape (10,), got (32,)"
        ),
    ),
    (
        LinearExercise,
        "gradient.sum(axis=0)",
        "gradient.mean(axis=0)",
        "bias gradient",
        "is a mean over the samples, but must be a sum",
    ),
    (
        LinearExercise,
        "self.x.T @ gradient",
        "(self.x.T @ gradient).T",
        "weight gradient",
        "the gradient of the weight is transposed",
    ),
    (
        LinearExercise,
        "self.weight_gradient = self.x.T @ gradient",
        "pass",
        "weight gradient",
        "self.weight_gradient is not set; keep it there",
    ),
    (LinearExercise, " + self.bias", "", "forward", "forward of Linear: the output lacks the bias"),
    (
        LinearExercise,
        "return gradient @ self.weight.T",
        "gradient *= 2\n        return gradient @ self.weight.T / 2",
        "arguments stay as they are",
        "the gradient that it is given is changed in place; work on a copy",
    ),
    (
        LinearExercise,
        "return gradient @ self.weight.T",
        "return 2 * gradient @ self.weight.T",
        "gradients against differences",
        "the gradient by the input, against differences",
    ),
    (
        ReluExercise,
        "return gradient * self.on",
        "return 1.0 * self.on",
        "backward",
        "backward of Relu: the gradient is the slope alone, without the gradient that comes in",
    ),
    (
        ReluExercise,
        "self.on = x > 0",
        "self.on = x >= 0",
        "backward",
        "has a slope of 1 at 0 instead of 0",
    ),
    (
        ReluExercise,
        "return np.where(self.on, x, 0.0)",
        "x[~self.on] = 0\n        return x",
        "arguments stay as they are",
        "its input is changed in place",
    ),
    (ReluExercise, "np.where(self.on, x, 0.0)", "np.abs(x)", "forward", "is the absolute value"),
    (
        SigmoidExercise,
        "gradient * self.y * (1 - self.y)",
        "self.y * (1 - self.y)",
        "backward",
        "is the slope alone",
    ),
    (
        SigmoidExercise,
        "self.y = np.where(x >= 0, 1 / (1 + power), power / (1 + power))",
        "self.y = 1 / (1 + np.exp(x))",
        "forward",
        "is mirrored: the sign of x is wrong",
    ),
    (
        CrossEntropyExercise,
        "gradient / len(labels)",
        "gradient",
        "gradient",
        "softmax_cross_entropy: the gradient is not divided by the size of the batch",
    ),
    (
        CrossEntropyExercise,
        "gradient[rows, labels] -= 1",
        "pass",
        "gradient",
        "lacks the truth: it is the softmax alone",
    ),
    (
        CrossEntropyExercise,
        ".mean()",
        ".sum()",
        "loss",
        "is a sum over the batch, but must be the mean",
    ),
    (
        CrossEntropyExercise,
        "np.log(sums[:, 0])",
        "np.log2(sums[:, 0])",
        "loss",
        "softmax_cross_entropy: the loss",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        LinearExercise,
        ReluExercise,
        SigmoidExercise,
        CrossEntropyExercise,
    )
    planted = PLANTED
