"""Building the kernels: what happens where there is no compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from command_line import ROOT


@pytest.fixture
def tree(tmp_path):
    """Return a copy of what a build needs, with a library that an earlier build left."""
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "csrc", tmp_path / "csrc")
    ignore = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=ignore)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "core" / "ops" / "_native.so").write_bytes(b"old")
    return tmp_path


def build(tree, **environment):
    return subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=tree, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_a_compiler_the_build_succeeds_and_says_so(tree):
    done = build(tree, CXX="false")
    assert done.returncode == 0, done.stderr
    assert "references" in done.stdout + done.stderr
    assert not (tree / "core" / "ops" / "_native.so").exists()  # the old one would be stale


def test_where_native_is_required_the_build_fails(tree):
    done = build(tree, CXX="false", NNTASKS_REQUIRE_NATIVE="1")
    assert done.returncode != 0
