"""Exercises: a check counts one point unless it says more, and a class needs its checks."""

from __future__ import annotations

import pytest

from nntasks.interfaces.exercises import Check, Exercise, Miss


class Mean(Exercise):
    assignment = "1"

    def checks(self):
        yield Check("values", self._values)
        yield Check("empty", self._values, points=3)

    @staticmethod
    def _values(student, rng):
        if student([1, 3]) != 2:
            raise Miss("expected 2")


def test_the_points_of_checks():
    found = {check.name: check.points for check in Mean().checks()}
    assert found == {"values": 1, "empty": 3}


def test_a_check_calls_the_student_and_says_what_it_missed():
    (first, _) = Mean().checks()
    assert first.run(lambda values: sum(values) / len(values), None) is None
    with pytest.raises(Miss, match=r"^expected 2$"):
        first.run(sum, None)


def test_checks_come_anew_each_time():
    exercise = Mean()
    assert list(exercise.checks()) == list(exercise.checks())


def test_an_exercise_without_checks_is_none():
    with pytest.raises(TypeError, match="checks"):
        type("Bare", (Exercise,), {"assignment": "1"})()


def test_a_miss_is_no_error_of_the_students_code():
    assert not issubclass(Miss, AssertionError)
