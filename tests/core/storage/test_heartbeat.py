"""Signs of life are aged by the file system, also where the folder was renamed."""

from __future__ import annotations

import os
import time

from nntasks.storage import heartbeat


def test_age(tmp_path):
    file = tmp_path / "sign"
    assert heartbeat.age(file) == float("inf")
    file.write_text("")
    assert heartbeat.age(file) < 30
    touched = file.stat().st_mtime - 100
    os.utime(file, (touched, touched))
    assert 100 <= heartbeat.age(file) < 130
    assert [path.name for path in tmp_path.iterdir()] == ["sign"]


def test_a_time_in_the_future_is_now(tmp_path):
    file = tmp_path / "sign"
    file.write_text("")
    ahead = file.stat().st_mtime + 1000
    os.utime(file, (ahead, ahead))
    assert heartbeat.age(file) == 0


def test_a_descriptor_stays_valid_in_a_renamed_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(heartbeat.VARIABLE, "1")
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "sign"
    file.write_text("")
    descriptor = os.open(file, os.O_RDWR)
    beating = heartbeat.Heartbeat(descriptor)
    (tmp_path / "a").rename(tmp_path / "b")
    os.utime(tmp_path / "b" / "sign", (0, 0))
    deadline = time.monotonic() + 30
    while not (tmp_path / "b" / "sign").stat().st_mtime and time.monotonic() < deadline:
        time.sleep(0.02)
    beating.stop()
    os.close(descriptor)
    assert (tmp_path / "b" / "sign").stat().st_mtime > 0
