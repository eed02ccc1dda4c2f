"""Runs of one plan by several processes: each once, the dead ones' taken over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, cli_environment

from nntasks.config import Options
from nntasks.experiments.execution import execute
from nntasks.experiments.planned_run import PlannedRun
from nntasks.interfaces.launcher import Job, Launcher
from nntasks.storage import claims

WORDS = ("numpy_mlp", "data=xor", "hidden_sizes=4", "lr=0.1,0.2", "seeds=2", "epochs=1")


def started(out, *words, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "nntasks", "ablate", *words, "--out", str(out)],
        env=cli_environment(OMP_NUM_THREADS="1", **environment),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Ended(Job):
    def ended(self):
        return "signal SIGKILL"

    def stop(self):
        pass


class Here(Launcher):
    """Stands for a launcher: gives each command to a function and takes it for ended."""

    def __init__(self, folder, work):
        super().__init__(Options(), folder=folder, jobs=None)
        self.work, self.given = work, []

    def submit(self, commands):
        for command in commands:
            self.given.append(command.folder.name)
            self.work(command)
        return [Ended() for _ in commands]


def planned(folder, *names):
    return [PlannedRun(name, "toy", {}, folder / name) for name in names]


def finish(folder):
    run = folder / "toy" / "20260101-000000-aaaaaa"
    run.mkdir(parents=True)
    (run / "config.yaml").write_text("task: toy\n")
    (run / "summary.json").write_text("{}")


def owner_of(command):
    return command.words[-1]


def executed(runs, launcher):
    told = []
    execute(
        runs,
        launcher,
        finished=lambda run, problem: told.append((run.name, problem)),
        say=lambda line: None,
    )
    return told


class TestExecute:
    def test_each_run_is_started_and_its_end_is_told(self, tmp_path):
        launcher = Here(tmp_path, lambda command: finish(command.folder))
        assert executed(planned(tmp_path, "a", "b"), launcher) == [("a", None), ("b", None)]
        assert launcher.given == ["a", "b"]

    def test_a_run_that_fails_is_not_tried_again_by_the_same_command(self, tmp_path):
        def fail(command):
            (command.folder / "stderr.txt").write_text("nntasks: no such data\n")
            claims.take(command.folder, owner_of(command), lambda: None).release(3)

        launcher = Here(tmp_path, fail)
        assert executed(planned(tmp_path, "a"), launcher) == [("a", "exit code 3: no such data")]
        executed(planned(tmp_path, "a"), launcher)
        assert launcher.given == ["a", "a"]  # the next command does

    def test_a_run_whose_process_was_killed_has_failed(self, tmp_path):
        def die(command):
            claims.take(command.folder, owner_of(command), lambda: None)._heartbeat.stop()

        told = executed(planned(tmp_path, "a"), Here(tmp_path, die))
        assert told == [("a", "signal SIGKILL: it printed no error")]

    def test_a_run_in_other_hands_is_waited_for_and_not_started(self, tmp_path):
        other = claims.take(tmp_path / "a", "other", lambda: None)

        def work(command):
            finish(command.folder)
            finish(tmp_path / "a")  # the other process ends as well
            other.release(0)

        launcher = Here(tmp_path, work)
        assert executed(planned(tmp_path, "a", "b"), launcher) == [("b", None), ("a", None)]
        assert launcher.given == ["b"]

    @pytest.mark.parametrize(("code", "given"), [(1, ["b"]), (130, ["b", "a"])])
    def test_what_fails_elsewhere_has_failed_and_what_stops_goes_on(self, tmp_path, code, given):
        other = claims.take(tmp_path / "a", "other", lambda: None)

        def work(command):
            finish(command.folder)
            if command.folder.name == "b":
                other.release(code)

        launcher = Here(tmp_path, work)
        told = executed(planned(tmp_path, "a", "b"), launcher)
        problem = None if code == 130 else "exit code 1: it printed no error"
        assert told == [("b", None), ("a", problem)]
        assert launcher.given == given

    def test_a_run_of_a_dead_process_is_taken_over(self, tmp_path):
        claims.take(tmp_path / "a", "other", lambda: None)._heartbeat.stop()
        os.utime(tmp_path / "a" / "claims" / "0", (0, 0))
        launcher = Here(tmp_path, lambda command: finish(command.folder))
        assert executed(planned(tmp_path, "a"), launcher) == [("a", None)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Return what two commands that worked on one plan at the same time left."""
    out = tmp_path_factory.mktemp("shared")
    commands = [started(out, *WORDS) for _ in range(2)]
    outputs = [command.communicate(timeout=300) for command in commands]
    assert [command.returncode for command in commands] == [0, 0], outputs
    return out, outputs


class TestTwoCommandsAtOnce:
    def test_every_run_exists_once(self, shared):
        out, _ = shared
        runs = sorted(
            file.parent.relative_to(out).parts[3:5]
            for file in out.glob("numpy_mlp/ablate-*/runs/*/*/numpy_mlp/2*/config.yaml")
        )
        assert len(runs) == 4
        assert len(set(runs)) == 4
        claimed = out.glob("numpy_mlp/ablate-*/runs/*/*/claims/*")
        assert [file.name for file in claimed] == ["0"] * 4

    def test_both_report_all_of_it(self, shared):
        out, outputs = shared
        (results,) = out.glob("numpy_mlp/ablate-*/results.json")
        assert len(json.loads(results.read_text())["runs"]) == 4
        for stdout, stderr in outputs:
            assert "lr=0.2 changes accuracy by" in stdout
            assert "[4/4]" in stderr


@pytest.mark.slow
def test_a_killed_command_loses_its_runs_to_another(tmp_path):
    """Killed with its whole family, so that no claim is released: only the silence tells."""
    words = ("toy", "width=4,8", "epochs=2", "data.points=64", "step_seconds=0.05")
    patience = {"NNTASKS_CLAIM_SECONDS": "2"}
    first = subprocess.Popen(
        [sys.executable, "-m", "nntasks", "ablate", *words, "--out", str(tmp_path)],
        env=cli_environment(**patience),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("toy/ablate-*/runs/*/*/toy/2*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    (claim,) = tmp_path.glob("toy/ablate-*/runs/*/*/claims/0")
    assert "ended" not in claim.read_text()
    second = started(tmp_path, *words, **patience)
    _, stderr = second.communicate(timeout=300)
    assert second.returncode == 0, stderr
    assert Path(claim).with_name("1").is_file()
    assert len(list(tmp_path.glob("toy/ablate-*/runs/*/*/toy/2*/summary.json"))) == 2
    assert len(list(tmp_path.glob("toy/ablate-*/runs/*/*/toy/2*"))) == 2  # resumed, not begun anew
