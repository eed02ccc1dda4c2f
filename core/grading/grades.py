"""Grade a student's file: the code behind `nntasks grade`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntasks import course_contracts
from nntasks.errors import UsageError
from nntasks.grading.examination import Verdict
from nntasks.grading.sandbox import Answers, run_student
from nntasks.grading.student_file import StudentFile, read_student_file
from nntasks.registry import Registry, discover

if TYPE_CHECKING:
    from nntasks.grading.limits import Limits
    from nntasks.interfaces.exercises import Exercise


@dataclass(frozen=True)
class Grade:
    """The result of one exercise.

    Attributes:
        name: of the exercise.
        assignment: its assignment.
        verdicts: one for each check, in order.
    """

    name: str
    assignment: str
    verdicts: Sequence[Verdict]

    @property
    def points(self) -> int:
        return sum(verdict.points for verdict in self.verdicts if verdict.passed)

    @property
    def most(self) -> int:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def problems(self) -> list[str]:
        """What is wrong, each line once."""
        return list(dict.fromkeys(v.problem for v in self.verdicts if v.problem))


@dataclass(frozen=True)
class Grades:
    """The result of a file.

    Attributes:
        file: the student's file.
        grades: of its exercises.
        seed: of the checks' inputs; the same seed repeats them.
        network: what holds of "no network".
        notes: what was left out, a line each.
    """

    file: str
    grades: Sequence[Grade]
    seed: int
    network: str
    notes: Sequence[str] = ()

    @property
    def points(self) -> int:
        return sum(grade.points for grade in self.grades)

    @property
    def most(self) -> int:
        return sum(grade.most for grade in self.grades)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "file": self.file,
            "points": self.points,
            "of": self.most,
            "seed": self.seed,
            "network": self.network,
            "notes": list(self.notes),
            "exercises": [
                {
                    "name": grade.name,
                    "assignment": grade.assignment,
                    "points": grade.points,
                    "of": grade.most,
                    "checks": [verdict.to_dict() for verdict in grade.verdicts],
                }
                for grade in self.grades
            ],
        }


def all_exercises(registry: Registry, assignment: str | None = None) -> dict[str, Exercise]:
    """Return exercises by name, in the order of assignments and of their plugins.

    Raises:
        UsageError: no exercise belongs to `assignment`.
        PluginError: an entry is no `Exercise`.
    """
    found = {
        entry.name: course_contracts.exercise(registry, entry.name)
        for entry in registry.announced("exercises")
    }
    known = sorted({exercise.assignment for exercise in found.values()})
    if assignment is not None and assignment not in known:
        raise UsageError(f"--assignment: expected one of {', '.join(known)}, got {assignment!r}")
    chosen = {n: e for n, e in found.items() if assignment in (None, e.assignment)}
    return dict(sorted(chosen.items(), key=lambda item: item[1].assignment))


def grade_file(
    path: Path, limits: Limits, *, assignment: str | None = None, seed: int | None = None
) -> Grades:
    """Run a student's file in a process with limits, and check its functions.

    Args:
        path: a .py or .ipynb file.
        limits: seconds and memory.
        assignment: grade all exercises of it, also those that the file lacks; by default those
            that the file has.
        seed: of the checks' inputs; drawn anew by default.

    Raises:
        MissingError: there is no such file.
        UsageError: it cannot be read or run, or has none of the exercises.
    """
    registry = discover()
    wanted = all_exercises(registry, assignment)
    file = read_student_file(path)
    present = [name for name in wanted if name in file.names]
    if not present:
        raise UsageError(
            f"{path}: it defines none of the exercises {', '.join(wanted)}; "
            "nntasks grade --list shows them"
        )
    seed = secrets.randbelow(2**31) if seed is None else seed
    targets = {name: registry.entry("exercises", name).target for name in present}
    answers = run_student(file, targets, limits, seed)
    if answers.problem:
        raise UsageError(f"{path}: it cannot be run: {answers.problem}")
    chosen = present if assignment is None else list(wanted)
    grades = [_grade(name, wanted[name], file, answers) for name in chosen]
    return Grades(str(path), grades, seed, answers.network, file.notes)


def _grade(name: str, exercise: Exercise, file: StudentFile, answers: Answers) -> Grade:
    rows: Mapping[str, dict[str, Any]] = {
        row["check"]: row for row in answers.verdicts.get(name, ())
    }
    reason = answers.ended.get(name, "")
    verdicts = []
    for check in exercise.checks():
        if check.name in rows:
            verdicts.append(Verdict(**rows[check.name]))
            continue
        problem = _why_unchecked(name, check.name, name in file.names, reason)
        verdicts.append(Verdict(check.name, check.points, problem))
        reason = "ended before" if reason else reason
    return Grade(name, exercise.assignment, verdicts)


def _why_unchecked(name: str, check: str, defined: bool, reason: str) -> str:
    if not defined:
        return f"{name}: the file does not define it"
    if not reason:
        return f"{name}: its definition failed, or the process ended"
    if reason == "ended before":
        return f"{name}: not checked further, as a check before ended early"
    meaning = f"the process ended with {reason}" if reason.startswith("SIG") else reason
    return f"{name}: {check}: {meaning}"
