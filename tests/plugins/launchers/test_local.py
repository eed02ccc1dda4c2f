"""Runs as child processes: they share the cores, and end with their parent."""

from __future__ import annotations

import sys
import time

from nntasks.config import Options
from nntasks.interfaces.launcher import Command
from nntasks.plugins.launchers import local


def ended(job):
    deadline = time.monotonic() + 60
    while job.ended() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return job.ended()


def launched(tmp_path, code, jobs=None):
    launcher = local.LocalLauncher(Options(), folder=tmp_path, jobs=jobs)
    (job,) = launcher.submit([Command([sys.executable, "-c", code], tmp_path)])
    return launcher, job


def test_how_a_job_ends(tmp_path):
    assert ended(launched(tmp_path, "raise SystemExit(3)")[1]) == "exit code 3"
    _, job = launched(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert ended(job) == "signal SIGKILL"
    _, job = launched(tmp_path, "import time; time.sleep(600)")
    assert job.ended() is None
    job.stop()
    assert ended(job) == "signal SIGTERM"


def test_what_it_prints_is_kept(tmp_path):
    assert ended(launched(tmp_path, "raise SystemExit('no such module')")[1]) == "exit code 1"
    assert (tmp_path / "launcher.txt").read_text() == "no such module\n"


def test_jobs_at_a_time_share_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "cores", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    code = "import os, sys; sys.stderr.write(os.environ.get('OMP_NUM_THREADS', 'all'))"
    for jobs, threads in ((None, "all"), (1, "all"), (3, "2"), (20, "1")):
        launcher, job = launched(tmp_path, code, jobs)
        assert launcher.at_once == (jobs or 1)
        ended(job)
        assert (tmp_path / "launcher.txt").read_text() == threads
