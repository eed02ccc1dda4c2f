"""`--nproc`: no more processes than memory holds, and the words of the caller."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, cli_environment

from nntasks.cli import launch, main
from nntasks.errors import UsageError
from nntasks.machine import memory


def test_more_processes_than_memory_holds_are_refused_before_any_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 8 << 30)
    monkeypatch.setattr(launch, "elastic_launch", lambda *_: pytest.fail("it was started"))
    with pytest.raises(UsageError, match=r"--nproc 99999 needs 19,531.1 GiB of memory, and 8.0"):
        launch.launch(99_999, ["run", "numpy_mlp"], tmp_path)


def test_the_processes_get_the_words_of_the_call_and_not_those_of_the_program(monkeypatch):
    started = []
    monkeypatch.setattr(launch, "launch", lambda *words: started.append(words) or 0)
    monkeypatch.setattr(sys, "argv", ["pytest", "-q", "tests"])
    words = ["run", "numpy_mlp", "data=xor", "--nproc", "2"]
    with pytest.raises(SystemExit) as end:
        main([*words, "--debug"])
    assert not end.value.code
    assert [(count, given) for count, given, *_ in started] == [(2, words)]


def training(out):
    """Start a run in two processes; return it and their numbers once it trains."""
    words = ("run", "toy", "epochs=50", "data.points=64", "step_seconds=0.1", "--nproc", "2")
    launcher = subprocess.Popen(
        [sys.executable, "-m", "nntasks", *words, "--out", str(out)],
        env=cli_environment(OMP_NUM_THREADS="1"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if any("training on" in log.read_text() for log in Path(out).glob("toy/2*/log.txt")):
            break
        time.sleep(0.05)
    return launcher, children_of(launcher.pid)


def children_of(process):
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def has_ended(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux")
class TestKilled:
    def test_a_worker_that_is_killed_is_named_with_what_to_do(self, tmp_path):
        launcher, workers = training(tmp_path)
        assert len(workers) == 2
        os.kill(workers[1], signal.SIGKILL)
        _, stderr = launcher.communicate(timeout=120)
        assert launcher.returncode == 1
        (line,) = [line for line in stderr.splitlines() if line.startswith("nntasks: ")]
        found = re.fullmatch(
            rf"nntasks: process [01] \(pid {workers[1]}\) was ended by SIGKILL; "
            r"continue with: nntasks run --resume (\S+)",
            line,
        )
        assert found, stderr
        assert (Path(found[1]) / "config.yaml").is_file()
        assert all(map(has_ended, workers))

    def test_a_worker_that_aborts_is_quoted(self, tmp_path):
        launcher, workers = training(tmp_path)
        quoted = "terminate called without an active exception"
        Path(f"/proc/{workers[1]}/fd/2").resolve().write_text(f"{quoted}\n")
        os.kill(workers[1], signal.SIGABRT)
        _, stderr = launcher.communicate(timeout=120)
        assert launcher.returncode == 1
        assert f"process 1 (pid {workers[1]}) was ended by SIGABRT ({quoted}); " in stderr

    def test_a_launcher_that_is_killed_takes_its_workers_with_it(self, tmp_path):
        launcher, workers = training(tmp_path)
        assert len(workers) == 2
        launcher.kill()
        launcher.communicate(timeout=60)
        deadline = time.monotonic() + 60
        while not all(map(has_ended, workers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert all(map(has_ended, workers))
