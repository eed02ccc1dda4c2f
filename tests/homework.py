"""A student's code for the course's exercises: right, or with one planted mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from nntasks.grading.signatures import source
from nntasks.interfaces.exercises import Exercise, Miss


def mistaken(exercise: type[Exercise], right: str, wrong: str) -> Any:
    """Return the reference of an exercise with a piece of its code replaced."""
    code = source(exercise.reference)
    assert right in code, code
    names: dict[str, Any] = {"np": np}
    exec(code.replace(right, wrong, 1), names)
    return names[exercise.reference.__name__]


def problems(
    exercise: type[Exercise], student: Any, seed: int = 7, only: str = ""
) -> dict[str, str]:
    """Return the line of every check that fails, by its name; those of speed are left out."""
    found = {}
    for check in exercise().checks():
        if check.name == "speed" or (only and check.name != only):
            continue
        try:
            with np.errstate(all="ignore"):
                check.run(student, np.random.default_rng(seed))
        except Miss as miss:
            found[check.name] = str(miss)
    return found


def planted_problem(exercise: type[Exercise], right: str, wrong: str, check: str) -> str:
    """Return the line with which a check answers to a planted mistake; empty if it passes."""
    assert check in [one.name for one in exercise().checks()]
    line = problems(exercise, mistaken(exercise, right, wrong), only=check).get(check, "")
    assert "\n" not in line
    return line


class ExerciseTests:
    """Tests of a module's exercises, which a class of its test file inherits.

    Attributes:
        exercises: all of the module.
        planted: exercise, code, what is planted instead, the check that answers, part of its line.
    """

    exercises: ClassVar[Sequence[type[Exercise]]]
    planted: ClassVar[Sequence[tuple[type[Exercise], str, str, str, str]]]

    def test_the_reference_passes(self, exercise, seed):
        assert problems(exercise, exercise.reference, seed) == {}

    def test_a_mistake_fails_its_check_with_its_line(self, mistake):
        exercise, right, wrong, check, line = mistake
        assert line in planted_problem(exercise, right, wrong, check)
