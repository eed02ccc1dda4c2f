"""Runs the tests of `homework.ExerciseTests` for each exercise and each planted mistake."""

from __future__ import annotations

from homework import ExerciseTests


def pytest_generate_tests(metafunc):
    tests = metafunc.cls
    if tests is None or not issubclass(tests, ExerciseTests):
        return
    if "exercise" in metafunc.fixturenames:
        metafunc.parametrize("exercise", tests.exercises)
        metafunc.parametrize("seed", [0, 7])
    elif "mistake" in metafunc.fixturenames:
        names = [f"{mistake[0].__name__}: {mistake[3]}" for mistake in tests.planted]
        metafunc.parametrize("mistake", tests.planted, ids=names)
