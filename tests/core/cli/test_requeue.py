"""A run in a job of Slurm that is stopped asks for the job, and goes on when it comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import stand_in_slurm
from command_line import ROOT, cli_environment

from nntasks.cli.requeue import Requeue
from nntasks.errors import Interrupted, UsageError

WORDS = ("run", "toy", "epochs=3", "data.points=64", "step_seconds=0.5", "--requeue")


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Return the folder of the stand-ins for Slurm's commands, in a job of it."""
    folder = tmp_path / "slurm"
    for name, value in {**stand_in_slurm.install(folder), "SLURM_JOB_ID": "77"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SLURM_RESTART_COUNT", raising=False)
    return folder


def begun(runs):
    run = runs / "20260101-000000-aaaaaa"
    run.mkdir()
    (run / "config.yaml").write_text("task: toy\n")
    return run


def stopped_by(number):
    error = Interrupted("interrupted")
    error.number = number

    def work(stopped):
        raise error

    return work


class TestRequeue:
    def test_only_a_later_start_of_the_job_finds_its_run(self, tmp_path, slurm, monkeypatch):
        job = Requeue(tmp_path)
        assert job.earlier() is None
        run = begun(tmp_path)
        job.remember(run)
        assert Requeue(tmp_path).earlier() is None
        monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
        assert Requeue(tmp_path).earlier() == run
        monkeypatch.setenv("SLURM_JOB_ID", "78")
        assert Requeue(tmp_path).earlier() is None

    @pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1", "SIGUSR2"])
    def test_a_schedulers_signal_asks_for_the_job(self, tmp_path, slurm, name, capsys):
        with pytest.raises(Interrupted):
            Requeue(tmp_path).watch(stopped_by(getattr(signal, name)))
        assert stand_in_slurm.calls(slurm) == ["scontrol requeue 77"]
        assert capsys.readouterr().err == "nntasks: asked Slurm for job 77 again\n"

    def test_the_user_s_ctrl_c_does_not(self, tmp_path, slurm):
        with pytest.raises(Interrupted):
            Requeue(tmp_path).watch(stopped_by(signal.SIGINT))
        assert stand_in_slurm.calls(slurm) == []

    def test_nor_does_another_process_of_the_run(self, tmp_path, slurm, monkeypatch):
        monkeypatch.setenv("RANK", "1")
        with pytest.raises(Interrupted):
            Requeue(tmp_path).watch(stopped_by(signal.SIGTERM))
        assert stand_in_slurm.calls(slurm) == []

    def test_a_signal_while_data_are_loaded(self, tmp_path, slurm):
        with pytest.raises(KeyboardInterrupt):
            Requeue(tmp_path).watch(lambda stopped: os.kill(os.getpid(), signal.SIGUSR1))
        assert stand_in_slurm.calls(slurm) == ["scontrol requeue 77"]

    def test_processes_that_a_launcher_stopped(self, tmp_path, slurm):
        def work(stopped):
            stopped(signal.SIGTERM)
            return 130

        assert Requeue(tmp_path).watch(work) == 130
        assert stand_in_slurm.calls(slurm) == ["scontrol requeue 77"]

    def test_without_scontrol_one_line_says_so(self, tmp_path, slurm, monkeypatch, capsys):
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(Interrupted):
            Requeue(tmp_path).watch(stopped_by(signal.SIGTERM))
        assert "cannot ask Slurm for job 77 again: No such file" in capsys.readouterr().err

    def test_outside_of_slurm_it_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.delenv("SLURM_JOB_ID", raising=False)
        with pytest.raises(UsageError, match="--requeue is for jobs of Slurm"):
            Requeue(tmp_path)


def start(out, *more, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "nntasks", *WORDS, *more, "--out", str(out), "--json"],
        env=cli_environment(OMP_NUM_THREADS="1", **environment),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def trains(out):
    return any("training on" in log.read_text() for log in out.glob("toy/2*/log.txt"))


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--nproc", "2")], ids=["one", "two"])
def test_a_job_that_is_preempted_goes_on_where_it_was(tmp_path, slurm, more):
    out = tmp_path / "runs"
    first = start(out, *more)
    deadline = time.monotonic() + 120
    while not trains(out) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    os.kill(first.pid, signal.SIGUSR1)
    _, stderr = first.communicate(timeout=120)
    assert first.returncode == 130, stderr
    assert stand_in_slurm.calls(slurm) == ["scontrol requeue 77"]
    assert "asked Slurm for job 77 again" in stderr
    assert list(out.glob("toy/2*/checkpoints/step-*"))
    second = start(out, *more, SLURM_RESTART_COUNT="1")
    stdout, stderr = second.communicate(timeout=120)
    assert second.returncode == 0, stderr
    (run,) = out.glob("toy/2*")
    assert json.loads(stdout)["run"] == run.name
    assert not list(out.glob("toy/.job-*"))
