"""A command as the child of a cluster's process: its words, its exit, and a polite stop."""

from __future__ import annotations

import os
import pickle
import time

import pytest

from nntasks.plugins.launchers import following
from nntasks.plugins.launchers.following import Following, follow

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell and its signals")
LOOP = 'trap "echo saved; exit 3" TERM; echo ready; while :; do sleep 0.01; done'


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(following, "_POLL", 0.005)


@pytest.fixture
def shell(tmp_path):
    """Return a function that makes the command of a line of shell."""
    return lambda line: Following(["/bin/sh", "-c", line], str(tmp_path / "log"))


def said(command):
    with open(command.log) as file:
        return file.read()


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_that_of_the_command(shell, code):
    command = shell(f"exit {code}")
    assert command() == code
    assert follow(command) == code


def test_what_it_prints_is_added_to_the_log(shell):
    command = shell("echo out; echo err >&2; cat")  # without input it ends
    command()
    command()
    assert said(command) == "out\nerr\n" * 2


def test_the_child_knows_whose_child_it_is(shell):
    command = shell('echo "$NNTASKS_LAUNCHER"')
    command()
    assert said(command).split() == [str(os.getpid())]


def test_an_interrupt_lets_the_command_end_by_itself(shell, monkeypatch):
    command, sleep = shell(LOOP), time.sleep

    def interrupted(seconds):
        sleep(seconds)
        if "ready" in said(command):
            monkeypatch.setattr(time, "sleep", sleep)
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        command()
    assert said(command) == "ready\nsaved\n"  # it had ended when the error came
    assert command.process == 0


def test_stopping_what_has_not_begun_or_has_ended_does_nothing(shell):
    command = shell("exit 0")
    command.stop()
    command()
    assert command.process > 0
    command.stop()
    assert command.process == 0


def test_it_travels_to_another_machine_by_value(shell):
    command = pickle.loads(pickle.dumps(shell("exit 5")))
    assert command() == 5
