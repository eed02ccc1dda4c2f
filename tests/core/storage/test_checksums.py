"""Checksums of a folder, and of folders in it."""

from __future__ import annotations

import subprocess

import pytest

from nntasks.storage import checksums


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "figures").mkdir()
    for name in ("a.txt", "log.txt", ".hidden", "figures/b.png"):
        (tmp_path / name).write_text(name)
    checksums.write(tmp_path, without=("log.txt",), below=("figures", "missing"))
    return tmp_path


def test_what_is_covered_and_that_sha256sum_agrees(folder):
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert [line[66:] for line in lines] == ["a.txt", "figures/b.png"]
    assert checksums.damage(folder) == ""
    subprocess.run(["sha256sum", "-c", "--status", "SHA256SUMS"], cwd=folder, check=True)


def test_each_damage_is_described(folder):
    (folder / "a.txt").unlink()
    (folder / "figures" / "b.png").write_text("other")
    assert list(checksums.damages(folder)) == [
        "a.txt is missing",
        "the checksum of figures/b.png differs",
    ]


@pytest.mark.parametrize("name", ["../a.txt", "/etc/hostname", "figures/../../a.txt", ""])
def test_a_name_outside_is_never_read(folder, name):
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    assert checksums.damage(folder) == f"{name} is missing"
