"""Assignment 1: checks of layers and of the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import attribute, central_differences, expect, expect_unchanged
from nntasks.grading.timing import at_most_as_slow
from nntasks.interfaces.exercises import Check, Exercise
from nntasks.plugins.course.answers import layers as answers

_SHAPE = (32, 20, 10)  # samples, inputs, outputs: all different, so that axes cannot be mixed up


class LinearExercise(Exercise):
    """The linear layer."""

    assignment = "1"
    reference = answers.Linear

    def checks(self) -> Iterator[Check]:
        yield Check("forward", _linear_forward)
        yield Check("weight gradient", _linear_weight)
        yield Check("bias gradient", _linear_bias)
        yield Check("input gradient", _linear_input)
        yield Check("gradients against differences", _linear_differences)
        yield Check("arguments stay as they are", _linear_arguments)
        yield Check("speed", _linear_speed)


def _linear(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return x, weight, bias and the gradient by the output."""
    samples, inputs, outputs = _SHAPE
    return (
        rng.normal(size=(samples, inputs)),
        rng.normal(size=(inputs, outputs)),
        rng.normal(size=outputs),
        rng.normal(size=(samples, outputs)),
    )


def _passed(student: Any, rng: np.random.Generator) -> tuple[Any, Any, answers.Linear, np.ndarray]:
    """Return the student's layer and its input gradient after both passes, and ours."""
    x, weight, bias, gradient = _linear(rng)
    layer, ours = student(weight.copy(), bias.copy()), answers.Linear(weight, bias)
    layer.forward(x.copy())
    ours.forward(x)
    return layer, layer.backward(gradient.copy()), ours, ours.backward(gradient)


def _linear_forward(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias, _ = _linear(rng)
    guesses = {"lacks the bias": x @ weight, "has the bias subtracted": x @ weight - bias}
    got = student(weight.copy(), bias.copy()).forward(x.copy())
    expect("forward of Linear", "the output", got, x @ weight + bias, guesses=guesses)


def _linear_weight(student: Any, rng: np.random.Generator) -> None:
    layer, _, ours, _ = _passed(student, rng)
    samples, inputs, outputs = _SHAPE
    right = ours.weight_gradient
    expect(
        "backward of Linear",
        "the gradient of the weight",
        attribute("backward of Linear", layer, "weight_gradient"),
        right,
        shapes={
            (outputs, inputs): "is transposed",
            (samples, inputs, outputs): "is not summed over the samples",
        },
        guesses={"is a mean over the samples, but must be a sum": right / samples},
    )


def _linear_bias(student: Any, rng: np.random.Generator) -> None:
    layer, _, ours, _ = _passed(student, rng)
    samples, _, outputs = _SHAPE
    right = ours.bias_gradient
    expect(
        "backward of Linear",
        "the gradient of the bias",
        attribute("backward of Linear", layer, "bias_gradient"),
        right,
        shapes={
            (samples,): "is summed over the wrong axis",
            (samples, outputs): "is not summed over the samples",
            (): "is summed over all axes",
            (1, outputs): "keeps an axis of length 1",
        },
        guesses={"is a mean over the samples, but must be a sum": right / samples},
    )


def _linear_input(student: Any, rng: np.random.Generator) -> None:
    _, got, _, right = _passed(student, rng)
    expect("backward of Linear", "the gradient by the input", got, right)


def _linear_differences(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias, gradient = (values[:4] for values in _linear(rng))
    weight, bias, gradient = rng.normal(size=(20, 3)), bias[:3], gradient[:, :3].copy()
    layer = student(weight, bias)
    layer.forward(x)
    got = layer.backward(gradient)
    right = central_differences(lambda: float((layer.forward(x) * gradient).sum()), x)
    expect("backward of Linear", "the gradient by the input, against differences", got, right)


def _linear_arguments(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias, gradient = _linear(rng)
    layer = student(weight.copy(), bias.copy())
    given, back = x.copy(), gradient.copy()
    layer.forward(given)
    expect_unchanged("forward of Linear", "its input", given, x)
    layer.backward(back)
    expect_unchanged("backward of Linear", "the gradient that it is given", back, gradient)


def _linear_speed(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias = rng.normal(size=(30, 40)), rng.normal(size=(40, 30)), np.zeros(30)
    layer = student(weight, bias)
    rows, columns = x.tolist(), weight.T.tolist()

    def loop() -> list[list[float]]:
        return [
            [sum([a * b for a, b in zip(row, column, strict=True)]) for column in columns]
            for row in rows
        ]

    advice = "one product of matrices, x @ weight, does it without loops"
    at_most_as_slow("forward of Linear", lambda: layer.forward(x), loop, 0.25, advice)


class ReluExercise(Exercise):
    """ReLU."""

    assignment = "1"
    reference = answers.Relu

    def checks(self) -> Iterator[Check]:
        yield Check("forward", _relu_forward)
        yield Check("backward", _relu_backward)
        yield Check("arguments stay as they are", _relu_arguments)


def _relu_forward(student: Any, rng: np.random.Generator) -> None:
    x = rng.normal(size=(6, 5))
    guesses = {"is the absolute value": np.abs(x), "keeps the negative part": np.minimum(x, 0)}
    expect(
        "forward of Relu",
        "the output",
        student().forward(x.copy()),
        np.maximum(x, 0),
        guesses=guesses,
    )


def _relu_backward(student: Any, rng: np.random.Generator) -> None:
    x, gradient = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    x[0] = 0
    layer = student()
    layer.forward(x.copy())
    guesses = {
        "is the slope alone, without the gradient that comes in": (x > 0).astype(float),
        "is masked by the sign of the gradient, and not of the input": np.maximum(gradient, 0),
        "has a slope of 1 at 0 instead of 0": gradient * (x >= 0),
        "is the gradient as it came in": gradient,
    }
    got = layer.backward(gradient.copy())
    expect("backward of Relu", "the gradient", got, gradient * (x > 0), guesses=guesses)


def _relu_arguments(student: Any, rng: np.random.Generator) -> None:
    x = rng.normal(size=(6, 5))
    given = x.copy()
    layer = student()
    layer.forward(given)
    expect_unchanged("forward of Relu", "its input", given, x)
    back = x.copy()
    layer.backward(back)
    expect_unchanged("backward of Relu", "the gradient that it is given", back, x)


class SigmoidExercise(Exercise):
    """The sigmoid."""

    assignment = "1"
    reference = answers.Sigmoid

    def checks(self) -> Iterator[Check]:
        yield Check("forward", _sigmoid_forward)
        yield Check("large inputs", _sigmoid_large)
        yield Check("backward", _sigmoid_backward)


def _sigmoid_forward(student: Any, rng: np.random.Generator) -> None:
    x = 3 * rng.normal(size=(6, 5))
    right = 1 / (1 + np.exp(-x))
    expect(
        "forward of Sigmoid",
        "the output",
        student().forward(x.copy()),
        right,
        guesses={"is mirrored: the sign of x is wrong": 1 - right},
    )


def _sigmoid_large(student: Any, rng: np.random.Generator) -> None:
    got = student().forward(np.array([-1000.0, 0.0, 1000.0]))
    expect("forward of Sigmoid at -1000, 0 and 1000", "the output", got, np.array([0, 0.5, 1]))


def _sigmoid_backward(student: Any, rng: np.random.Generator) -> None:
    x, gradient = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    layer = student()
    layer.forward(x.copy())
    y = 1 / (1 + np.exp(-x))
    guesses = {
        "is the slope alone, without the gradient that comes in": y * (1 - y),
        "uses x (1 - x), but the slope is y (1 - y)": gradient * x * (1 - x),
    }
    got = layer.backward(gradient.copy())
    expect("backward of Sigmoid", "the gradient", got, gradient * y * (1 - y), guesses=guesses)


class CrossEntropyExercise(Exercise):
    """Softmax and cross-entropy."""

    assignment = "1"
    reference = staticmethod(answers.softmax_cross_entropy)

    def checks(self) -> Iterator[Check]:
        yield Check("loss", _entropy_loss)
        yield Check("gradient", _entropy_gradient)
        yield Check("gradient against differences", _entropy_differences)
        yield Check("large logits", _entropy_large)


def _entropy(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(8, 5)), rng.integers(0, 5, 8)


def _entropy_loss(student: Any, rng: np.random.Generator) -> None:
    logits, labels = _entropy(rng)
    right = answers.softmax_cross_entropy(logits, labels)[0]
    guesses = {
        "is a sum over the batch, but must be the mean": 8 * right,
        "is in bits, but must be in nats": right / np.log(2),
    }
    got = student(logits.copy(), labels.copy())[0]
    expect("softmax_cross_entropy", "the loss", got, right, guesses=guesses)


def _entropy_gradient(student: Any, rng: np.random.Generator) -> None:
    logits, labels = _entropy(rng)
    right = answers.softmax_cross_entropy(logits, labels)[1]
    one_hot = np.eye(5)[labels]
    guesses = {
        "is not divided by the size of the batch": 8 * right,
        "lacks the truth: it is the softmax alone": right + one_hot / 8,
    }
    given = logits.copy()
    got = student(given, labels.copy())[1]
    expect("softmax_cross_entropy", "the gradient", got, right, guesses=guesses)
    expect_unchanged("softmax_cross_entropy", "logits", given, logits)


def _entropy_differences(student: Any, rng: np.random.Generator) -> None:
    logits, labels = _entropy(rng)
    got = student(logits, labels)[1]
    right = central_differences(lambda: float(student(logits, labels)[0]), logits)
    expect("softmax_cross_entropy", "the gradient, against differences of the loss", got, right)


def _entropy_large(student: Any, rng: np.random.Generator) -> None:
    logits, labels = np.array([[1000.0, 0.0], [0.0, -1000.0]]), np.array([0, 1])
    where = "softmax_cross_entropy with logits of 1000"
    expect(where, "the loss", student(logits, labels)[0], 500.0)
