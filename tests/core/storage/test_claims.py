"""Claims: one owner, whoever is faster; the dead lose them, by the file system's own clock."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time

import pytest
from command_line import ROOT

from nntasks.errors import UsageError
from nntasks.storage import claims, heartbeat

RACE = """
import sys
from pathlib import Path
from nntasks.storage import claims
print("ready", flush=True)
sys.stdin.readline()
won = [i for i in range(200) if claims.take(Path(sys.argv[1]) / str(i), "x", lambda: None)]
print(*won)
"""


def file_of(folder, number=0):
    return folder / claims.FOLDER / str(number)


def aged(file, seconds):
    touched = file.stat().st_mtime - seconds
    os.utime(file, (touched, touched))


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_of_many_processes_one_gets_each_folder(tmp_path):
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = [list(map(int, racer.communicate(timeout=60)[0].split())) for racer in racers]
    assert sorted(number for numbers in won for number in numbers) == list(range(200))


def test_a_claim_holds_until_it_is_released(tmp_path):
    first = claims.take(tmp_path, "first", lambda: None)
    assert claims.take(tmp_path, "second", lambda: None) is None
    seen = claims.status(tmp_path)
    assert (seen.number, seen.owner.split()[0], seen.code, seen.is_free) == (
        0,
        "first",
        None,
        False,
    )
    first.release(1)
    seen = claims.status(tmp_path)
    assert (seen.code, seen.is_free) == (1, True)
    claims.take(tmp_path, "second", lambda: None).release(0)
    assert claims.status(tmp_path).number == 1


def test_a_claim_without_sign_of_life_is_taken_over(tmp_path):
    first = claims.take(tmp_path, "first", lambda: None)
    first._heartbeat.stop()  # as if its process were dead
    aged(file_of(tmp_path), 50)
    assert claims.take(tmp_path, "second", lambda: None) is None
    aged(file_of(tmp_path), 61)
    second = claims.take(tmp_path, "second", lambda: None)
    assert claims.status(tmp_path).number == 1
    second.release(0)


def test_the_clock_is_that_of_the_file_system(tmp_path, monkeypatch):
    claims.take(tmp_path, "first", lambda: None).release(130)
    taken = claims.take(tmp_path, "second", lambda: None)
    monkeypatch.setattr(time, "time", lambda: 0.0)  # a machine whose clock is far behind
    assert claims.status(tmp_path).age < 60
    assert not claims.status(tmp_path).is_free
    taken.release(0)


def test_an_owner_that_was_suspended_learns_that_it_has_lost(tmp_path, monkeypatch):
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    lost = threading.Event()
    first = claims.take(tmp_path, "first", lost.set)
    file_of(tmp_path, 1).write_text("second on another machine\n")
    assert lost.wait(30)
    touched = file_of(tmp_path).stat().st_mtime
    first.release(0)
    assert claims.status(tmp_path).number == 1
    assert claims.status(tmp_path).owner.startswith("second")
    assert touched <= file_of(tmp_path).stat().st_mtime


def test_an_owner_touches_its_claim(tmp_path, monkeypatch):
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    claim = claims.take(tmp_path, "first", lambda: None)
    os.utime(file_of(tmp_path), (0, 0))
    assert until(lambda: file_of(tmp_path).stat().st_mtime > 0)
    claim.release(0)


def test_on_a_full_disk_a_released_claim_is_free(tmp_path, monkeypatch):
    claim = claims.take(tmp_path, "first", lambda: None)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(type(tmp_path), "open", full)
    claim.release(0)
    monkeypatch.undo()
    assert claims.status(tmp_path).is_free


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match=r"cannot write .*file.*; choose another folder with --o"):
        claims.take(tmp_path / "file", "x", lambda: None)


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan"])
def test_a_wrong_time_is_refused(monkeypatch, text):
    monkeypatch.setenv(heartbeat.VARIABLE, text)
    with pytest.raises(UsageError, match="expected a number of seconds from 1"):
        heartbeat.seconds()


def test_without_the_folder_there_is_no_claim(tmp_path):
    assert claims.status(tmp_path / "nowhere").is_free
    assert claims.status(tmp_path / "nowhere").number == -1
