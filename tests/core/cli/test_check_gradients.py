"""`nntasks check-gradients`: the verdict on each gradient, and exit code 4 for a wrong one."""

from __future__ import annotations

import json

import pytest

from nntasks.interfaces import GradientCheck

RIGHT = GradientCheck("fc.weight", 1e-9, 1e-6, (2, 0), 0.5, 0.5)
WRONG = GradientCheck("fc.bias", 0.5, 1e-6, (), 1.0, 2.0)


@pytest.fixture
def checking(toy, monkeypatch):
    """Return a function that lets the toy task have certain checks."""
    from nntasks_toy.task import Toy

    def let(*checks):
        monkeypatch.setattr(Toy, "check_gradients", lambda self: iter(checks))

    return let


def test_right_gradients(checking, cli_here):
    checking(RIGHT)
    done = cli_here("check-gradients", "toy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "fc.weight" in done.stdout
    assert "[2, 0]" in done.stdout
    assert "WRONG" not in done.stdout


def test_a_wrong_one_is_named_in_the_table_and_in_the_error(checking, cli_here):
    checking(RIGHT, WRONG)
    done = cli_here("check-gradients", "toy")
    assert done.returncode == 4
    assert "WRONG" in done.stdout
    assert done.stderr == "nntasks: 1 of 2 gradients are wrong: fc.bias\n"


def test_json(checking, cli_here):
    checking(RIGHT, WRONG)
    done = cli_here("check-gradients", "toy", "--json")
    assert json.loads(done.stdout) == {
        "task": "toy",
        "passed": False,
        "errors": {"fc.weight": 1e-9, "fc.bias": 0.5},
        "worst": {"fc.weight": [2, 0], "fc.bias": []},
    }
    assert done.returncode == 4


def test_a_task_without_gradients_of_its_own(toy, cli_here):
    done = cli_here("check-gradients", "toy")
    assert done.returncode == 2
    assert done.stderr == "nntasks: toy does not support gradient checks\n"
