"""Grades of a file: points, the reasons of what was not checked, and what cannot be graded."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nntasks.errors import UsageError
from nntasks.grading import grades
from nntasks.grading.examination import Verdict
from nntasks.grading.grades import Grade, Grades, grade_file
from nntasks.grading.limits import Limits
from nntasks.grading.sandbox import Answers
from nntasks.interfaces.exercises import Check, Exercise


class Mean(Exercise):
    assignment = "2"

    def checks(self):
        return iter([Check("values", None, 1), Check("empty", None, 2), Check("axis", None, 1)])


class Median(Mean):
    assignment = "1"


def verdict(check, points, problem=""):
    return {"check": check, "points": points, "problem": problem}


@pytest.fixture
def graded(monkeypatch, tmp_path):
    """Return a function that grades a file whose process gave certain answers."""
    kinds = {"mean": Mean, "median": Median}
    registry = SimpleNamespace(
        announced=lambda kind: [SimpleNamespace(name=name) for name in kinds],
        entry=lambda kind, name: SimpleNamespace(target=f"course:{name}"),
    )
    monkeypatch.setattr(grades, "discover", lambda: registry)
    monkeypatch.setattr(grades.course_contracts, "exercise", lambda registry, name: kinds[name]())
    asked = []

    def call(code="def mean(x): ...\n", rows=(), ended=None, problem="", **given):
        answers = Answers("closed", problem, {"mean": list(rows)}, {"mean": ended} if ended else {})
        monkeypatch.setattr(
            grades, "run_student", lambda *given: asked.append(given[1:]) or answers
        )
        file = tmp_path / "homework.py"
        file.write_text(code)
        return grade_file(file, Limits(), **given)

    call.asked = asked
    return call


ROWS = (verdict("values", 1), verdict("empty", 2, "mean: wrong"), verdict("axis", 1))


def test_points_are_those_of_the_checks_that_passed(graded):
    found = graded(rows=ROWS, seed=5)
    (grade,) = found.grades
    assert (grade.name, grade.assignment, grade.points, grade.most) == ("mean", "2", 2, 4)
    assert (found.points, found.most, found.seed, found.network) == (2, 4, 5, "closed")
    assert graded.asked == [({"mean": "course:mean"}, Limits(), 5)]


def test_without_a_seed_one_is_drawn(graded):
    assert len({graded(rows=ROWS).seed for _ in range(5)}) > 1


@pytest.mark.parametrize(
    ("rows", "ended", "problems"),
    [
        (
            ROWS[:1],
            "takes longer than 2 s",
            ["mean: empty: takes longer than 2 s", "mean: not checked further, as a check before"],
        ),
        ((), "SIGSEGV", ["mean: values: the process ended with SIGSEGV", "mean: not checked"]),
        ((), None, ["mean: its definition failed, or the process ended"]),
    ],
)
def test_what_was_not_checked_has_a_reason(graded, rows, ended, problems):
    (grade,) = graded(rows=rows, ended=ended).grades
    assert len(grade.problems) == len(problems)
    for found, start in zip(grade.problems, problems, strict=True):
        assert found.startswith(start)
    assert len(grade.verdicts) == 3


def test_an_assignment_has_what_the_file_lacks(graded):
    found = graded("def mean(x): ...\n", ROWS, assignment="2")
    assert [grade.name for grade in found.grades] == ["mean"]
    with pytest.raises(UsageError, match="it defines none of the exercises median; nntasks grade"):
        graded(assignment="1")


def test_of_an_assignment_every_exercise_is_graded(graded, monkeypatch):
    monkeypatch.setattr(Median, "assignment", "2")
    mean, median = graded(rows=ROWS, assignment="2").grades
    assert (mean.name, median.name, median.points) == ("mean", "median", 0)
    assert median.problems == ["median: the file does not define it"]
    assert len(graded(rows=ROWS).grades) == 1  # by default those that the file has


def test_an_unknown_assignment(graded):
    with pytest.raises(UsageError, match="--assignment: expected one of 1, 2, got '7'"):
        graded(assignment="7")


def test_a_file_that_cannot_be_run(graded, tmp_path):
    with pytest.raises(UsageError) as told:
        graded(problem="ValueError: no (line 3)")
    assert str(told.value) == (
        f"{tmp_path / 'homework.py'}: it cannot be run: ValueError: no (line 3)"
    )


def test_plain_values():
    wrong = [Verdict(check, 1, "wrong") for check in ("b", "c")]
    grade = Grade("mean", "1", [Verdict("a", 2), *wrong])
    found = Grades("f.py", [grade], 3, "closed", ["a note"]).to_dict()
    assert (found["points"], found["of"], found["notes"]) == (2, 4, ["a note"])
    (exercise,) = found["exercises"]
    assert exercise["checks"][1] == {"check": "b", "points": 1, "problem": "wrong"}
    assert grade.problems == ["wrong"]  # each line once
