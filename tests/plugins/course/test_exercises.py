"""The exercises: references pass, and each usual mistake fails the right check with its line."""

from __future__ import annotations

import inspect

import pytest

from nntasks.grading.grades import all_exercises, grade_file
from nntasks.grading.limits import Limits
from nntasks.grading.signatures import frame, source
from nntasks.plugins.course.answers import (
    convolutional,
    detection,
    layers,
    optimizers,
    segmentation,
    words,
)
from nntasks.registry import discover

ANSWERS = (layers, optimizers, convolutional, detection, segmentation, words)

# (exercise, right code, wrong code, the check that must fail, its line)
PLANTED = [
    (
        "Linear",
        "gradient.sum(axis=0)",
        "gradient.sum(axis=1)",
        "bias gradient",
        (
            "backward of Linear: the gradient of the bias is summed over the wrong axis: "
            "expected shape (10,), got (32,)"
        ),
    ),
    (
        "Relu",
        "return gradient * self.on",
        "return 1.0 * self.on",
        "backward",
        "backward of Relu: the gradient is the slope alone, without the gradient that comes in",
    ),
    (
        "softmax_cross_entropy",
        "gradient / len(labels)",
        "gradient",
        "gradient",
        "softmax_cross_entropy: the gradient is not divided by the size of the batch",
    ),
    (
        "Momentum",
        "velocity *= self.momentum",
        "velocity *= 0",
        "five steps",
        "step of Momentum: the first parameter after 5 steps has no momentum",
    ),
    (
        "Adam",
        (
            "corrected_mean = mean / (1 - self.beta1**self.steps)\n"
            "            corrected_square = square / (1 - self.beta2**self.steps)"
        ),
        "corrected_mean, corrected_square = mean, square",
        "first step",
        "the first parameter after the first step lacks the correction by 1 - beta^t",
    ),
    (
        "BatchNorm",
        "inner = inner - inner.mean(axis=0) - self.normal * (inner * self.normal).mean(axis=0)",
        "pass",
        "gradients against differences",
        (
            "backward of BatchNorm: the gradient by the input, against differences, treats mean "
            "and variance as constants, but both depend on x"
        ),
    ),
    (
        "Dropout",
        " / (1 - self.rate)",
        "",
        "training",
        "forward of Dropout(0.25) in training: what stays of 1 is not scaled by 1 / (1 - rate)",
    ),
    (
        "MaxPooling",
        "windows = np.zeros((*gradient.shape, size * size))",
        "return gradient.repeat(size, axis=2).repeat(size, axis=3)",
        "backward",
        "backward of MaxPooling: the gradient goes to all entries of a window",
    ),
    (
        "box_iou",
        "np.clip(high - low, 0, None)",
        "(high - low)",
        "apart and touching",
        "the IoU is not 0 for boxes that are apart: clip both sides of the overlap at 0",
    ),
    (
        "nms",
        "overlap <= threshold * union",
        "overlap < threshold * union",
        "at the threshold",
        "nms at an IoU of the threshold: the indices lack a box whose IoU equals the threshold",
    ),
    (
        "average_precision",
        "best = np.maximum.accumulate(precision[::-1])[::-1]",
        "best = precision",
        "by hand",
        "the area has no envelope: take the best precision at this or a higher recall",
    ),
    (
        "dice",
        "float(2 * (predicted",
        "float((predicted",
        "values",
        "dice: the coefficient lacks the factor 2",
    ),
    (
        "dice_loss",
        "(above - 2 * truth * below) / below**2",
        "-2 * truth / below",
        "gradient against differences",
        "treats the denominator as constant, but it depends on p",
    ),
    (
        "skipgram_step",
        "np.add.at(outputs, words, -lr * error[:, None] * v)",
        "outputs[words] -= lr * error[:, None] * v",
        "a negative drawn twice",
        "counts a negative that was drawn twice only once, as `m[rows] -=` does",
    ),
    (
        "analogy",
        "cosines[[a, b, c]] = -np.inf",
        "pass",
        "the words of the question must be excluded",
        "analogy whose nearest word is in the question: the answer is a word of the question",
    ),
]


@pytest.fixture(scope="module")
def exercises():
    return all_exercises(discover())


def graded(folder, code, **more):
    file = folder / "homework.py"
    file.write_text(f"import numpy as np\n\n{code}\n")
    return grade_file(file, Limits(), seed=7, **more)


def every_answer(exercises):
    return "\n\n\n".join(source(exercise.reference) for exercise in exercises.values())


def test_the_references_pass_every_check_in_a_process_of_their_own(tmp_path, exercises):
    grades = graded(tmp_path, every_answer(exercises))
    assert [grade.name for grade in grades.grades] == list(exercises)
    assert [problem for grade in grades.grades for problem in grade.problems] == []
    assert grades.points == grades.most > 70


def test_each_planted_mistake_fails_its_check_with_its_line(tmp_path, exercises):
    pieces = []
    for name, right, wrong, _, _ in PLANTED:
        code = source(exercises[name].reference)
        assert right in code, name
        pieces.append(code.replace(right, wrong, 1))
    grades = {g.name: g for g in graded(tmp_path, "\n\n\n".join(pieces)).grades}
    assert len(PLANTED) >= 10
    for name, _, _, check, line in PLANTED:
        problems = {v.check: v.problem for v in grades[name].verdicts if v.problem}
        assert check in problems, (name, problems)
        assert line in problems[check]


def test_unwritten_frames_say_so_once_each(tmp_path, exercises):
    code = "\n\n\n".join(frame(exercise.reference) for exercise in exercises.values())
    grades = graded(tmp_path, code)
    assert grades.points == 0
    for grade in grades.grades:
        assert grade.problems == [f"{grade.name}: not written yet"]


def test_every_exercise_is_of_an_answer_and_documented(exercises):
    answered = {
        name
        for module in ANSWERS
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__
    }
    assert answered == set(exercises)
    assert [n for n, e in exercises.items() if not inspect.getdoc(e.reference)] == []
