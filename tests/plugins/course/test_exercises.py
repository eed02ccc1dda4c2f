"""All exercises in a process of their own: references pass, unwritten frames say so."""

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


def test_a_planted_mistake_is_told_from_the_other_process(tmp_path, exercises):
    code = source(exercises["dice"].reference).replace("float(2 * (predicted", "float((predicted")
    (grade,) = (grade for grade in graded(tmp_path, code).grades if grade.name == "dice")
    problems = {v.check: v.problem for v in grade.verdicts if v.problem}
    assert problems["values"].startswith("dice: the coefficient lacks the factor 2")


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
