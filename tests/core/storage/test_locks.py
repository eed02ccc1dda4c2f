"""One process at a time: with the kernel's locks, and where there are none."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time

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


@pytest.mark.parametrize("seconds_ago", [0, 30, 61])
def test_a_claim_of_another_machine_holds_while_it_is_touched(tmp_path, without_locks, seconds_ago):
    """The number of an ended process here says nothing about that number there."""
    claim = tmp_path / locks.NAME
    claim.write_text(f"{ended_process()} another-boot {socket.gethostname()}\n")
    touched = claim.stat().st_mtime - seconds_ago
    os.utime(claim, (touched, touched))
    if seconds_ago > 60:
        locks.acquire(tmp_path, print).release()
        assert list(tmp_path.iterdir()) == []
    else:
        with pytest.raises(locks.InUse, match=r"on .*; if that one was killed, try again in 60 se"):
            locks.acquire(tmp_path, print)


def test_a_claim_of_an_ended_process_of_this_machine_is_taken_over(tmp_path, without_locks):
    (tmp_path / locks.NAME).write_text(f"{ended_process()} {locks._boot()} another-name\n")
    locks.acquire(tmp_path, print).release()
    assert list(tmp_path.iterdir()) == []


def test_a_holder_without_locks_touches_its_claim(tmp_path, without_locks, monkeypatch):
    monkeypatch.setenv("NNTASKS_CLAIM_SECONDS", "1")
    lock = locks.acquire(tmp_path, print)
    try:
        os.utime(tmp_path / locks.NAME, (0, 0))
        deadline = time.monotonic() + 30
        while not (tmp_path / locks.NAME).stat().st_mtime and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (tmp_path / locks.NAME).stat().st_mtime
    finally:
        lock.release()


@pytest.mark.parametrize("content", [b"", b"\xff", b"12", b"x y z\n"])
def test_a_damaged_claim_is_no_claim(tmp_path, without_locks, content):
    (tmp_path / locks.NAME).write_bytes(content)
    locks.acquire(tmp_path, print).release()
