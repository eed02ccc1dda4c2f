"""The checks of an exercise on an object: a verdict each, and one line for whatever goes wrong."""

from __future__ import annotations

import numpy as np
import pytest

from nntasks.grading.examination import Verdict, examine
from nntasks.interfaces.exercises import Check, Exercise, Miss


def exercise(*runs):
    class Made(Exercise):
        def checks(self):
            return iter([Check(f"check{n}", run, n + 1) for n, run in enumerate(runs)])

    return Made()


def verdicts(*runs, student=None, name="mean", seed=3):
    return list(examine(name, exercise(*runs), student, seed))


def problem(run, student=None):
    (verdict,) = verdicts(run, student=student)
    assert not verdict.passed
    return verdict.problem


def raises(error):
    def run(student, rng):
        raise error

    return run


def test_each_check_has_its_name_and_points_and_one_that_fails_stops_no_other():
    found = verdicts(raises(Miss("a\n  line")), lambda student, rng: None)
    assert found == [Verdict("check0", 1, "a line"), Verdict("check1", 2)]
    assert [one.passed for one in found] == [False, True]
    assert found[0].to_dict() == {"check": "check0", "points": 1, "problem": "a line"}


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotImplementedError(), "mean: not written yet"),
        (MemoryError(), "mean: needs more memory than is allowed"),
        (ValueError("bad\nvalue"), "mean: raises ValueError: bad value"),
        (KeyError(), "mean: raises KeyError"),
        (SystemExit(3), "mean: raises SystemExit: 3"),
        (ValueError("x" * 300), f"mean: raises ValueError: {'x' * 160} ..."),
    ],
)
def test_whatever_a_student_raises_is_one_line(error, line):
    assert problem(raises(error)) == line


def test_the_line_of_the_student_is_named_and_ours_are_not():
    space = {}
    code = "def mean(x):\n    return x / undefined\n"
    exec(compile(code, "<student: cell 4>", "exec"), space)
    found = problem(lambda student, rng: student(3), space["mean"])
    assert found == "mean: raises NameError: name 'undefined' is not defined (cell 4, line 2)"


def test_ctrl_c_is_no_verdict():
    with pytest.raises(KeyboardInterrupt):
        verdicts(raises(KeyboardInterrupt()))


def drawn(seed, name="mean", count=1):
    numbers = []
    checks = [lambda student, rng: numbers.append(rng.random())] * count
    verdicts(*checks, seed=seed, name=name)
    return numbers


def test_inputs_are_a_function_of_seed_exercise_and_check():
    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert drawn(3) != drawn(3, "median")
    first, second = drawn(3, count=2)
    assert first != second
    assert [first] == drawn(3)  # whatever checks come after it


def test_a_warning_of_numpy_is_no_concern_of_a_student(recwarn):
    assert verdicts(lambda student, rng: np.log(np.zeros(1)))[0].passed
    assert len(recwarn) == 0
