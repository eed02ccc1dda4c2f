"""Child processes: they end with their launcher, and hand their errors to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, cli_environment

from nntasks.errors import Interrupted
from nntasks.machine import parent


@pytest.fixture
def launched(monkeypatch, tmp_path):
    """Let this process have a launcher: by default its true parent."""
    monkeypatch.setattr(parent, "end_with_parent", lambda: None)

    def by(process):
        monkeypatch.setenv(parent.LAUNCHER, f"{process} {tmp_path}")

    by(os.getppid())
    return by


def test_without_a_launcher_nothing_is_obeyed_or_reported(monkeypatch):
    monkeypatch.delenv(parent.LAUNCHER, raising=False)
    monkeypatch.setattr(parent, "end_with_parent", lambda: 1 / 0)
    parent.obey_launcher()
    assert parent.report_to_launcher("a line", 2) is False


def test_a_launcher_that_is_there_is_obeyed(launched):
    parent.obey_launcher()
    launched(os.getpid())
    with pytest.raises(Interrupted, match="the process that started this one has ended"):
        parent.obey_launcher()


@pytest.mark.parametrize("rank", ["0", "3"])
def test_an_error_is_handed_over_with_its_code(launched, tmp_path, monkeypatch, rank):
    monkeypatch.setenv("RANK", rank)
    assert parent.report_to_launcher("lr: \ud800 is wrong", 2) is True
    assert (tmp_path / f"error-{rank}").read_text() == "2 lr: \\ud800 is wrong"


def test_a_folder_that_is_gone_takes_no_report(monkeypatch, tmp_path):
    monkeypatch.setenv(parent.LAUNCHER, f"1 {tmp_path / 'gone'}")
    assert parent.report_to_launcher("a line", 2) is False


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells a process of its parent")
def test_a_child_is_ended_when_its_parent_is(tmp_path):
    child = (
        "import time; from nntasks.machine.parent import end_with_parent\n"
        "end_with_parent(); print('ready', flush=True); time.sleep(60)"
    )
    program = (
        "import subprocess, sys, os\n"
        f"one = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "one.stdout.readline(); print(one.pid, flush=True); os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=cli_environment(()),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    child_process = int(done.stdout)
    for _ in range(600):
        try:
            state = Path(f"/proc/{child_process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":  # ended, and nobody has asked how
            return
        time.sleep(0.05)
    pytest.fail("the child goes on without its parent")
