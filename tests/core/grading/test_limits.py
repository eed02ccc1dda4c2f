"""Limits of a student's process, each tried in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment

from nntasks.grading import limits
from nntasks.grading.limits import CLOSED, REFUSED, Limits


def ended(code):
    """Return how a process ends that runs some code, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"from nntasks.grading.limits import *\n{code}"],
        env=cli_environment(()),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def test_an_endless_loop_ends_by_processor_time():
    code, _ = ended("start_timer(0.05)\nwhile True: pass")
    assert code == -signal.SIGPROF


def test_endless_waiting_ends_too():
    code, _ = ended("import time\nstart_timer(0.02)\ntime.sleep(60)")
    assert code == -signal.SIGALRM


def test_a_stopped_timer_ends_nothing():
    limits.start_timer(50)
    limits.stop_timer()
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        assert signal.getitimer(timer) == (0, 0)


def test_files_that_grow_and_memory_that_runs_out():
    code, printed = ended(
        "import errno, os, signal, tempfile\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "limit_memory_and_files(Limits(memory=0.5))\n"
        "try: bytearray(2**30)\n"
        "except MemoryError: print('memory')\n"
        "with tempfile.TemporaryFile() as file:\n"
        "    try: os.truncate(file.fileno(), 2**26 + 1)\n"
        "    except OSError as error: print(error.errno == errno.EFBIG)\n"
    )
    assert code == 0
    assert printed.split() == ["memory", "True"]


def test_a_lower_limit_of_the_machine_stays():
    code, printed = ended(
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "limit_memory_and_files(Limits())\n"
        "print(resource.getrlimit(resource.RLIMIT_FSIZE))"
    )
    assert (code, printed) == (0, "(1000, 1000)")


def test_the_network_is_closed_and_it_says_how():
    code, printed = ended(
        "import socket\n"
        "print(close_network())\n"
        "try: socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "except PermissionError as error: print(error)\n"
    )
    assert code == 0
    how, told = printed.splitlines()
    assert how in (CLOSED, REFUSED)
    assert told == "network access is blocked while an exercise is graded"


@pytest.mark.parametrize("event", ["socket.connect", "socket.getaddrinfo", "socket.sendto"])
def test_what_python_refuses(event):
    with pytest.raises(PermissionError, match="network access is blocked"):
        limits._refuse(event, ())
    limits._refuse("open", ())


def test_where_the_system_gives_no_namespace_python_refuses(monkeypatch):
    hooks = []
    monkeypatch.setattr(limits, "_own_namespace", lambda: False)
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    assert limits.close_network() == REFUSED
    with pytest.raises(PermissionError):
        hooks[0]("socket.bind", (socket, None))


def test_the_defaults_leave_room_for_a_training():
    assert Limits() == Limits(seconds=20.0, memory=2.0)
