"""The check of launchers passes for ours, and names what a wrong one does."""

from __future__ import annotations

from typing import ClassVar

import pytest

from nntasks import Job, Launcher
from nntasks.errors import MissingError, UsageError
from nntasks.plugins.launchers.local import LocalLauncher
from nntasks.testing import check_launcher, launchers


class Asleep(Launcher):
    """Takes commands, says that they have ended, and executes none."""

    def submit(self, commands):
        return [Told() for _ in commands]


class Told(Job):
    def ended(self):
        return "it ended"

    def stop(self):
        pass


class NoJobs(Launcher):
    def submit(self, commands):
        return []


class StoppedByNobody(LocalLauncher):
    def submit(self, commands):
        return [Following(job) for job in super().submit(commands)]


class Following(Job):
    def __init__(self, job):
        self.ended = job.ended
        self.jobs.append(job)

    jobs: ClassVar = []

    def ended(self):
        pass

    def stop(self):
        pass


class NoCluster(Launcher):
    def __init__(self, config, *, folder, jobs):
        raise UsageError("there is no such cluster")

    def submit(self, commands):
        return []


def test_ours_passes():
    check_launcher(LocalLauncher)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        (Asleep, "the command was not executed: it ended"),
        (NoJobs, "submit must return one job for each command, got 0 for 1"),
        (Told, "Told is not a subclass of nntasks.Launcher"),
    ],
)
def test_wrong_ones_are_named(kind, problem):
    with pytest.raises(AssertionError, match=problem):
        check_launcher(kind)


def test_one_that_stops_nothing_is_named(monkeypatch):
    monkeypatch.setattr(launchers, "_PATIENCE", 2.0)
    with pytest.raises(AssertionError, match="stop must end a command, but it runs on after 2 sec"):
        check_launcher(StoppedByNobody)
    Following.jobs[-1].stop()


def test_without_its_cluster_it_is_not_checked():
    with pytest.raises(MissingError, match="it cannot be used here: there is no such cluster"):
        check_launcher(NoCluster)
