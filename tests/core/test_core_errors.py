"""Errors: exit codes, pickling between processes, and hints at what was meant."""

from __future__ import annotations

import pickle

import pytest

from nntasks import errors

CODES = {
    errors.NNTasksError: 1,
    errors.RunFailed: 1,
    errors.UsageError: 2,
    errors.MissingError: 3,
    errors.CheckFailed: 4,
    errors.PluginError: 5,
    errors.Interrupted: 130,
}


@pytest.mark.parametrize("kind", CODES)
def test_exit_codes(kind):
    error = kind("a line")
    assert error.exit_code == CODES[kind]
    assert isinstance(error, errors.NNTasksError)
    assert str(pickle.loads(pickle.dumps(error))) == "a line"


def test_an_accident_travels_between_processes():
    error = pickle.loads(pickle.dumps(errors.Diverged("a line", {"step": 3})))
    assert (type(error), str(error), error.accident) == (errors.Diverged, "a line", {"step": 3})
    assert error.exit_code == 1


def test_nobody_has_stopped_an_interrupted_run_until_it_is_said():
    assert errors.Interrupted("a line").number == 0


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("epoch", ["epochs", "lr"], " Did you mean 'epochs'?"),
        ("modelz", ["model", "models"], " Did you mean 'model' or 'models'?"),
        ("xyz", ["epochs", "lr"], ""),
        ("a", [], ""),
    ],
)
def test_what_was_meant(name, known, hint):
    assert errors.did_you_mean(name, known) == hint


def test_three_hints_at_most():
    found = errors.did_you_mean("name", (f"name{number}" for number in range(9)))
    assert found.count(" or ") == 2
