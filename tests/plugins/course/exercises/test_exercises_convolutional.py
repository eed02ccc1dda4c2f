"""Exercises of assignment 2: convolution, pooling, batch norm and dropout."""

from __future__ import annotations

from homework import ExerciseTests

from nntasks.plugins.course.exercises.convolutional import (
    BatchNormExercise,
    ConvolutionExercise,
    DropoutExercise,
    MaxPoolingExercise,
)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        ConvolutionExercise,
        "pixels, self.weight[:, :, row, column])\n        return y",
        "pixels, self.weight[:, :, -1 - row, -1 - column])\n        return y",
        "forward",
        "is computed with a flipped filter",
    ),
    (ConvolutionExercise, " + self.bias[:, None, None]", "", "forward", "lacks the bias"),
    (
        ConvolutionExercise,
        "self.stride, self.padding = stride, padding",
        "self.stride, self.padding = 1, padding",
        "stride and padding",
        "forward of Convolution with stride 2 and padding 0: the output has the wrong shape",
    ),
    (
        ConvolutionExercise,
        "gradient.sum(axis=(0, 2, 3))",
        "gradient.sum(axis=(2, 3))",
        "parameter gradients",
        "the gradient of the bias is not summed over the samples",
    ),
    (
        ConvolutionExercise,
        'pixels += np.einsum("nohw',
        'pixels[:] = np.einsum("nohw',
        "input gradient against differences",
        "the gradient by the input, against differences,",
    ),
    (
        MaxPoolingExercise,
        "windows = np.zeros((*gradient.shape, size * size))",
        "return gradient.repeat(size, axis=2).repeat(size, axis=3)",
        "backward",
        "backward of MaxPooling: the gradient goes to all entries of a window",
    ),
    (
        MaxPoolingExercise,
        "return windows.max(axis=4)",
        "return windows.mean(axis=4)",
        "forward",
        "is the mean",
    ),
    (
        BatchNormExercise,
        "inner = inner - inner.mean(axis=0) - self.normal * (inner * self.normal).mean(axis=0)",
        "pass",
        "gradients against differences",
        (
            "backward of BatchNorm: the gradient by the input, against differences, treats "
            "mean and variance as constants, but both depend on x"
        ),
    ),
    (
        BatchNormExercise,
        " - self.normal * (inner * self.normal).mean(axis=0)",
        "",
        "gradients against differences",
        "treats the variance as constant, but it depends on x",
    ),
    (
        BatchNormExercise,
        "mean, variance = x.mean(axis=0), x.var(axis=0)",
        "mean, variance = x.mean(axis=0), x.var(axis=0, ddof=1)",
        "training",
        "uses the variance divided by N - 1 instead of N",
    ),
    (
        BatchNormExercise,
        "0.1 * unbiased",
        "0.1 * variance",
        "running statistics",
        "uses the variance divided by N instead of N - 1",
    ),
    (
        BatchNormExercise,
        "if training:",
        "if True:",
        "evaluation",
        "uses the batch's statistics instead of the running ones",
    ),
    (
        DropoutExercise,
        " / (1 - self.rate)",
        "",
        "training",
        "forward of Dropout(0.25) in training: what stays of 1 is not scaled by 1 / (1 - rate)",
    ),
    (
        DropoutExercise,
        ">= self.rate",
        "< self.rate",
        "training",
        "keeps a quarter and drops the rest: the rate is that of zeros",
    ),
    (
        DropoutExercise,
        "if training:",
        "if True:",
        "evaluation",
        "forward of Dropout in evaluation: the output",
    ),
    (
        DropoutExercise,
        "return gradient * self.mask",
        "return gradient",
        "backward",
        "backward of Dropout: the gradient",
    ),
]


class TestExercises(ExerciseTests):
    exercises = (
        ConvolutionExercise,
        MaxPoolingExercise,
        BatchNormExercise,
        DropoutExercise,
    )
    planted = PLANTED
