"""One process at a time: with the kernel's locks, and where there are none."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys

import pytest
from command_line import ROOT

from nntasks.errors import UsageError
from nntasks.storage import locks

HOLD = """
import sys, time
from pathlib import Path
from nntasks.storage import locks
with locks.held(Path(sys.argv[1]), print) as lock:
    print("held", flush=True)
    if len(sys.argv) > 2:
        import subprocess
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"],
                                 pass_fds=(lock,))
        print(child.pid, flush=True)
    sys.stdin.read()
"""


def holder(folder, *more):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def without_locks(monkeypatch):
    """Have a file system whose flock fails."""

    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    monkeypatch.setattr(locks, "_told", set())


def ended_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_holder_is_told_which_process_is_the_first(tmp_path):
    first = holder(tmp_path)
    with pytest.raises(locks.InUse, match=f"is in use by process {first.pid}; wait until"):
        locks.acquire(tmp_path, print)
    assert not locks.is_abandoned(tmp_path, print)
    first.communicate()
    locks.acquire(tmp_path, print).release()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_leaves_the_folder_free(tmp_path):
    first = holder(tmp_path)
    first.kill()
    first.communicate()
    assert locks.is_abandoned(tmp_path, print)
    locks.acquire(tmp_path, print).release()
    assert list(tmp_path.iterdir()) == []


def test_children_of_a_killed_holder_keep_the_lock(tmp_path):
    first = holder(tmp_path, "with a child")
    child = int(first.stdout.readline())
    first.kill()
    first.wait()
    try:
        with pytest.raises(locks.InUse):
            locks.acquire(tmp_path, print)
        assert locks.is_abandoned(tmp_path, print)  # one may queue for it
    finally:
        os.kill(child, 9)
        first.communicate()
    told = []
    with locks.held(tmp_path, told.append):
        pass


def test_whoever_waits_says_so_once(tmp_path, monkeypatch):
    first = locks.acquire(tmp_path, print)
    told, pauses = [], []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            first.release()

    monkeypatch.setattr(locks.time, "sleep", pause)
    with locks.held(tmp_path, told.append):
        assert len(pauses) == 3
    assert told == [f"{tmp_path} is in use by process {os.getpid()}; waiting for it"]


def test_a_renamed_folder_stays_held(tmp_path):
    (tmp_path / "a").mkdir()
    lock = locks.acquire(tmp_path / "a", print)
    (tmp_path / "a").rename(tmp_path / "b")
    lock.folder = tmp_path / "b"
    with pytest.raises(locks.InUse):
        locks.acquire(tmp_path / "b", print)
    lock.release()
    assert list((tmp_path / "b").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(UsageError, match=r"cannot write .*below: .*; choose another cache"),
        locks.held(tmp_path / "file" / "below", print, remedy="choose another cache"),
    ):
        pass


def test_without_locks_one_line_warns_and_claims_count(tmp_path, without_locks):
    told = []
    first = locks.acquire(tmp_path, told.append)
    (tmp_path / locks.NAME).write_text(f"1 {locks._boot()} here\n")  # process 1 always lives
    with pytest.raises(locks.InUse, match="in use by process 1; wait"):
        locks.acquire(tmp_path, told.append)
    first.release()
    locks.acquire(tmp_path, told.append).release()
    assert len(told) == 1
    assert "the file system has no locks (No locks available)" in told[0]


def test_without_fcntl_it_works_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "_told", set())
    told = []
    locks.acquire(tmp_path, told.append).release()
    assert "this Python has no file locks" in told[0]


@pytest.mark.parametrize(
    ("boot", "host", "free"),
    [
        (None, "another-name", True),  # this machine, renamed
        ("another-boot", socket.gethostname(), True),
        ("another-boot", "another-host", False),
    ],
)
def test_claims_of_processes_that_ended(tmp_path, without_locks, boot, host, free):
    claim = f"{ended_process()} {boot or locks._boot()} {host}\n"
    (tmp_path / locks.NAME).write_text(claim)
    if free:
        locks.acquire(tmp_path, print).release()
        assert list(tmp_path.iterdir()) == []
    else:
        with pytest.raises(locks.InUse, match=r"on another-host; if that one has ended, delete "):
            locks.acquire(tmp_path, print)


@pytest.mark.parametrize("content", [b"", b"\xff", b"12", b"x y z\n"])
def test_a_damaged_claim_is_no_claim(tmp_path, without_locks, content):
    (tmp_path / locks.NAME).write_bytes(content)
    locks.acquire(tmp_path, print).release()
