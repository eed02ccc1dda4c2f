"""Launchers: how many commands they take at once, and what a class must define."""

from __future__ import annotations

from pathlib import Path

import pytest

from nntasks.config import Options
from nntasks.interfaces.launcher import Command, Job, Launcher


class Keeps(Launcher):
    at_once = 7

    def submit(self, commands):
        return [None for _ in commands]


@pytest.mark.parametrize(("jobs", "at_once"), [(None, 7), (3, 3), (1, 1)])
def test_the_number_that_the_user_wants_wins_over_that_of_the_class(jobs, at_once):
    launcher = Keeps(Options(), folder=Path("f"), jobs=jobs)
    assert (launcher.at_once, launcher.jobs) == (at_once, jobs)
    assert Keeps.at_once == 7


def test_a_launcher_keeps_its_options_and_folder_and_has_nothing_to_close():
    options = Options()
    launcher = Keeps(options, folder=Path("f"), jobs=None)
    assert launcher.config is options
    assert launcher.folder == Path("f")
    assert launcher.close() is None


def test_one_command_at_a_time_is_the_default():
    assert Launcher.at_once == 1


@pytest.mark.parametrize(("kind", "missing"), [(Launcher, ["submit"]), (Job, ["ended", "stop"])])
def test_what_a_class_must_define(kind, missing):
    given = {"config": Options(), "folder": Path(), "jobs": None} if kind is Launcher else {}
    with pytest.raises(TypeError) as told:
        type("Bare", (kind,), {})(**given)
    assert all(name in str(told.value) for name in missing)


def test_equal_commands_are_equal():
    assert Command(("a",), Path("f")) == Command(("a",), Path("f"))
