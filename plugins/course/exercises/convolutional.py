"""Assignment 2: checks of convolution, pooling, batch norm and dropout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nntasks.grading.comparing import attribute, central_differences, expect
from nntasks.interfaces.exercises import Check, Exercise, Miss
from nntasks.plugins.course.answers import convolutional as answers


class ConvolutionExercise(Exercise):
    """The convolution."""

    assignment = "2"
    reference = answers.Convolution

    def checks(self) -> Iterator[Check]:
        yield Check("forward", _convolution_forward)
        yield Check("stride and padding", _convolution_stride)
        yield Check("parameter gradients", _convolution_parameters)
        yield Check("input gradient against differences", _convolution_input, 2)


def _convolution(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return x (2, 3, 7, 6), weight (4, 3, 3, 3), bias (4,)."""
    return rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, 3, 3)), rng.normal(size=4)


def _convolution_forward(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias = _convolution(rng)
    flipped = answers.Convolution(weight[:, :, ::-1, ::-1], bias).forward(x)
    right = answers.Convolution(weight, bias).forward(x)
    guesses = {
        "is computed with a flipped filter": flipped,
        "lacks the bias": right - bias[:, None, None],
    }
    got = student(weight.copy(), bias.copy()).forward(x.copy())
    expect("forward of Convolution", "the output", got, right, guesses=guesses)


def _convolution_stride(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias = _convolution(rng)
    for stride, padding in ((2, 0), (1, 1), (2, 1)):
        where = f"forward of Convolution with stride {stride} and padding {padding}"
        got = student(weight, bias, stride, padding).forward(x.copy())
        right = answers.Convolution(weight, bias, stride, padding).forward(x)
        expect(where, "the output", got, right)


def _convolution_parameters(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias = _convolution(rng)
    layer, ours = student(weight, bias, 2, 1), answers.Convolution(weight, bias, 2, 1)
    layer.forward(x.copy())
    gradient = rng.normal(size=ours.forward(x).shape)
    layer.backward(gradient.copy())
    ours.backward(gradient)
    where = "backward of Convolution"
    got = attribute(where, layer, "weight_gradient")
    expect(where, "the gradient of the weight", got, ours.weight_gradient)
    expect(
        where,
        "the gradient of the bias",
        attribute(where, layer, "bias_gradient"),
        ours.bias_gradient,
        shapes={(2, 4): "is not summed over the samples", (4, 4, 3): "is not summed over places"},
    )


def _convolution_input(student: Any, rng: np.random.Generator) -> None:
    x, weight, bias = rng.normal(size=(1, 2, 5, 4)), rng.normal(size=(3, 2, 3, 3)), np.zeros(3)
    layer = student(weight, bias, 2, 1)
    gradient = rng.normal(size=answers.Convolution(weight, bias, 2, 1).forward(x).shape)
    layer.forward(x)
    got = layer.backward(gradient.copy())
    right = central_differences(lambda: float((layer.forward(x) * gradient).sum()), x)
    what = "the gradient by the input, against differences,"
    expect("backward of Convolution with stride 2 and padding 1", what, got, right)


class MaxPoolingExercise(Exercise):
    """Max pooling."""

    assignment = "2"
    reference = answers.MaxPooling

    def checks(self) -> Iterator[Check]:
        yield Check("forward", _pooling_forward)
        yield Check("backward", _pooling_backward)
        yield Check("ties", _pooling_ties)


def _pooling_forward(student: Any, rng: np.random.Generator) -> None:
    x = rng.normal(size=(2, 3, 6, 9)) - 3  # mostly negative: 0 is no neutral start of a maximum
    got, right = (kind(3).forward(x.copy()) for kind in (student, answers.MaxPooling))
    mean = x.reshape(2, 3, 2, 3, 3, 3).mean(axis=(3, 5))
    expect("forward of MaxPooling", "the output", got, right, guesses={"is the mean": mean})


def _pooling_backward(student: Any, rng: np.random.Generator) -> None:
    x, gradient = rng.normal(size=(2, 3, 6, 9)), rng.normal(size=(2, 3, 2, 3))
    layer, ours = student(3), answers.MaxPooling(3)
    layer.forward(x.copy())
    ours.forward(x)
    everywhere = gradient.repeat(3, axis=2).repeat(3, axis=3)
    guesses = {"goes to all entries of a window, but only the maximum gets it": everywhere}
    got = layer.backward(gradient.copy())
    expect("backward of MaxPooling", "the gradient", got, ours.backward(gradient), guesses=guesses)


def _pooling_ties(student: Any, rng: np.random.Generator) -> None:
    layer = student(2)
    layer.forward(np.ones((1, 1, 2, 4)))
    right = np.zeros((1, 1, 2, 4))
    right[0, 0, 0, ::2] = 5.0
    every = np.full((1, 1, 2, 4), 5.0)
    guesses = {"goes to every one of equal maxima, but only the first gets it": every}
    got = layer.backward(np.full((1, 1, 1, 2), 5.0))
    expect("backward of MaxPooling with equal maxima", "the gradient", got, right, guesses=guesses)


class BatchNormExercise(Exercise):
    """Batch normalisation."""

    assignment = "2"
    reference = answers.BatchNorm

    def checks(self) -> Iterator[Check]:
        yield Check("training", _norm_training)
        yield Check("running statistics", _norm_running)
        yield Check("evaluation", _norm_evaluation)
        yield Check("gradients against differences", _norm_gradients, 2)


def _norm(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return x (12, 5), scale and shift (5,)."""
    return 3 + 2 * rng.normal(size=(12, 5)), rng.normal(size=5), rng.normal(size=5)


def _norm_training(student: Any, rng: np.random.Generator) -> None:
    x, scale, shift = _norm(rng)
    right = answers.BatchNorm(scale, shift).forward(x, True)
    unbiased = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + 1e-5) * scale + shift
    guesses = {
        "lacks scale and shift": (right - shift) / scale,
        "uses the variance divided by N - 1 instead of N": unbiased,
    }
    got = student(scale.copy(), shift.copy()).forward(x.copy(), True)
    expect("forward of BatchNorm in training", "the output", got, right, guesses=guesses)


def _norm_running(student: Any, rng: np.random.Generator) -> None:
    x, scale, shift = _norm(rng)
    layer = student(scale.copy(), shift.copy())
    layer.forward(x.copy(), True)
    where = "forward of BatchNorm in training"
    mean, variance = 0.1 * x.mean(axis=0), 0.9 + 0.1 * x.var(axis=0, ddof=1)
    guesses = {"moves nine tenths of the way instead of one tenth": 0.9 * x.mean(axis=0)}
    got = attribute(where, layer, "running_mean")
    expect(where, "running_mean after a step", got, mean, guesses=guesses)
    guesses = {"uses the variance divided by N instead of N - 1": 0.9 + 0.1 * x.var(axis=0)}
    got = attribute(where, layer, "running_variance")
    expect(where, "running_variance after a step", got, variance, guesses=guesses)


def _norm_evaluation(student: Any, rng: np.random.Generator) -> None:
    x, scale, shift = _norm(rng)
    layer = student(scale.copy(), shift.copy())
    layer.running_mean, layer.running_variance = np.full(5, 2.0), np.full(5, 4.0)
    right = scale * (x - 2) / np.sqrt(4 + 1e-5) + shift
    training = answers.BatchNorm(scale, shift).forward(x, True)
    guesses = {"uses the batch's statistics instead of the running ones": training}
    got = layer.forward(x.copy(), False)
    expect("forward of BatchNorm in evaluation", "the output", got, right, guesses=guesses)


def _norm_gradients(student: Any, rng: np.random.Generator) -> None:
    x, scale, shift = _norm(rng)
    gradient = rng.normal(size=x.shape)
    layer = student(scale, shift)
    layer.forward(x, True)
    got = layer.backward(gradient.copy())
    where = "backward of BatchNorm"
    normal = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    of_scale = attribute(where, layer, "scale_gradient")
    expect(where, "the gradient of the scale", of_scale, (gradient * normal).sum(axis=0))
    of_shift = attribute(where, layer, "shift_gradient")
    expect(where, "the gradient of the shift", of_shift, gradient.sum(axis=0))
    simple = gradient * scale / np.sqrt(x.var(0) + 1e-5)
    mean_alone = simple - simple.mean(axis=0)
    guesses = {
        "treats mean and variance as constants, but both depend on x": simple,
        "treats the variance as constant, but it depends on x": mean_alone,
    }
    right = central_differences(lambda: float((layer.forward(x, True) * gradient).sum()), x)
    what = "the gradient by the input, against differences,"
    expect(where, what, got, right, guesses=guesses)


class DropoutExercise(Exercise):
    """Dropout."""

    assignment = "2"
    reference = answers.Dropout

    def checks(self) -> Iterator[Check]:
        yield Check("training", _dropout_training)
        yield Check("evaluation", _dropout_evaluation)
        yield Check("backward", _dropout_backward)


def _dropout_training(student: Any, rng: np.random.Generator) -> None:
    where = "forward of Dropout(0.25) in training"
    got = student(0.25).forward(np.ones((200, 50)), True, rng)
    # Of 10,000 entries the share of zeros has a standard deviation of 0.0043; 0.04 is nine of them.
    values = np.asarray(got, dtype=float)
    if values.shape != (200, 50):
        expect(where, "the output", got, np.ones((200, 50)))
    zeros = float((values == 0).mean())
    if abs(zeros - 0.75) < 0.04:
        raise Miss(f"{where}: keeps a quarter and drops the rest: the rate is that of zeros")
    if abs(zeros - 0.25) > 0.04:
        raise Miss(f"{where}: expected a quarter of zeros, got {zeros:.3f}")
    kept = np.where(values == 0, 4 / 3, values)
    guesses = {"is not scaled by 1 / (1 - rate)": np.where(values == 0, 4 / 3, 1.0)}
    expect(where, "what stays of 1", kept, np.full((200, 50), 4 / 3), guesses=guesses)


def _dropout_evaluation(student: Any, rng: np.random.Generator) -> None:
    x = rng.normal(size=(20, 10))
    got = student(0.5).forward(x.copy(), False, rng)
    guesses = {"is scaled, but evaluation must leave it alone": 0.5 * x}
    expect("forward of Dropout in evaluation", "the output", got, x, guesses=guesses)


def _dropout_backward(student: Any, rng: np.random.Generator) -> None:
    x, gradient = 1 + rng.random((20, 10)), rng.normal(size=(20, 10))
    layer = student(0.5)
    y = np.asarray(layer.forward(x.copy(), True, rng), dtype=float)
    expect("backward of Dropout", "the gradient", layer.backward(gradient.copy()), gradient * y / x)
