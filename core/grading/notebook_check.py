"""`check` for the cells of a notebook: the checks of `nntasks grade`, in this process."""

from __future__ import annotations

from typing import Any, TypeVar

from nntasks.errors import UsageError

Student = TypeVar("Student")
_SEED = 0  # a notebook that is run again says the same


def check(student: Student, name: str | None = None) -> Student | Any:
    """Check a function or class, print a line for each miss, and return what to go on with.

    `Linear = check(Linear)`

    Args:
        student: the student's function or class.
        name: of the exercise; the object's own name by default.

    Returns:
        `student` if it passes all checks, else the reference, so that the notebook goes on.

    Raises:
        UsageError: there is no such exercise.
    """
    from nntasks import course_contracts
    from nntasks.grading.examination import examine
    from nntasks.registry import discover

    name = name or getattr(student, "__name__", None)
    if not name:
        raise UsageError(f"check: expected a function or a class, got {type(student).__name__}")
    exercise = course_contracts.exercise(discover(), name)
    verdicts = list(examine(name, exercise, student, _SEED))
    points = sum(verdict.points for verdict in verdicts if verdict.passed)
    most = sum(verdict.points for verdict in verdicts)
    problems = list(dict.fromkeys(verdict.problem for verdict in verdicts if verdict.problem))
    print(f"{name}: {points} of {most} points")
    for problem in problems:
        print(f"  {problem}")
    if not problems:
        return student
    print(f"  The notebook goes on with the reference of {name}.")
    return exercise.reference
