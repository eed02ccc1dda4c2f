"""Building the kernels: what happens where there is no compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig

import pytest
from command_line import ROOT
from setuptools import Distribution

from build_support import commands

MODULE = f"_corpus{sysconfig.get_config_var('EXT_SUFFIX')}"


@pytest.fixture
def tree(tmp_path):
    """Return a copy of what a build needs, with a library that an earlier build left."""
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "csrc", tmp_path / "csrc")
    shutil.copytree(ROOT / "build_support", tmp_path / "build_support")
    ignore = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=ignore)
    (tmp_path / "core" / "ops" / "_native.so").write_bytes(b"old")
    corpus = tmp_path / "plugins" / "word2vec" / "corpus"
    corpus.mkdir(parents=True)
    (corpus / MODULE).write_bytes(b"old")
    return tmp_path


def build(tree, **environment):
    return subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=tree,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_compiler_the_build_succeeds_and_says_so(tree):
    done = build(tree, CXX="false")
    assert done.returncode == 0, done.stderr
    assert "references" in done.stdout + done.stderr
    assert not (tree / "core" / "ops" / "_native.so").exists()  # the old one would be stale
    assert not (tree / "plugins" / "word2vec" / "corpus" / MODULE).exists()
    assert "corpus reader" in " ".join(done.stderr.split())


def test_where_native_is_required_the_build_fails(tree):
    done = build(tree, CXX="false", NNTASKS_REQUIRE_NATIVE="1")
    assert done.returncode != 0


@pytest.mark.parametrize("built", [True, False])
def test_a_wheel_is_tied_to_a_python_only_by_the_host_modules(tmp_path, monkeypatch, built):
    distribution = Distribution({"name": "x", "version": "0", "ext_modules": commands.extensions()})
    distribution.cmdclass = {"build_ext": commands.BuildKernels}
    command = commands.HonestTag(distribution)
    command.ensure_finalized()
    build = distribution.get_command_obj("build_ext")
    build.ensure_finalized()
    build.build_lib = str(tmp_path)
    module = tmp_path / build.get_ext_filename(next(iter(commands.HOST)))
    assert module.name.endswith(sysconfig.get_config_var("EXT_SUFFIX"))
    if built:
        module.parent.mkdir(parents=True)
        module.write_bytes(b"")
    python, abi, platform = command.get_tag()
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    assert (python == version) if built else ((python, abi) == ("py3", "none"))
    assert platform != "any"
