"""The choice between the compiled and the Python corpus reader."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from nntasks import ops
from nntasks.errors import UsageError
from nntasks.plugins.word2vec.corpus import engine


def test_the_switch_of_the_kernels_is_the_switch_of_the_reader(monkeypatch):
    with ops.use("python"):
        assert engine.active() == "python"
    monkeypatch.setenv("NNTASKS_LIBRARY", "none")
    with ops.use("auto"):
        assert engine.active() == "python"
    monkeypatch.setattr(ops, "mode", lambda: "native")
    with pytest.raises(UsageError, match="not compiled"):
        engine.active()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("_corpus.cpython-39-other.so", "is for another Python"),
        (f"_corpus{EXTENSION_SUFFIXES[0]}", "does not load"),
    ],
)
def test_a_compiled_reader_that_does_not_fit_is_told_in_one_line(
    tmp_path, monkeypatch, capsys, name, why
):
    (tmp_path / name).write_bytes(b"no library")
    monkeypatch.setattr(engine, "__file__", str(tmp_path / "engine.py"))
    monkeypatch.setattr(engine, "_NAME", "a_module_that_is_not_there")
    with ops.use("auto"):
        assert [engine.active(), engine.active()] == ["python", "python"]
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{name} {why}" in line


def test_reading_loads_no_torch(cli_free_python):
    assert cli_free_python(
        "import nntasks.plugins.word2vec.corpus, sys; print('torch' in sys.modules)"
    ) == ("False\n")


@pytest.fixture
def cli_free_python():
    """Return a function that runs Python in a process of its own and returns what it prints."""
    import subprocess

    from command_line import ROOT

    def call(code):
        return subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    return call


@pytest.mark.parametrize(
    ("size", "reason"),
    [(0, "the file is empty"), (40, "not a shared library"), (3000, "the file is cut short")],
)
def test_a_damaged_module_is_a_line_and_not_the_end(tmp_path, capsys, size, reason):
    whole = engine._compiled()
    if whole is None:
        pytest.skip("the corpus reader is not compiled")
    damaged = tmp_path / Path(whole.__file__).name
    damaged.write_bytes(Path(whole.__file__).read_bytes()[:size])
    assert engine._load(damaged) is None
    assert engine._load(damaged) is None
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{damaged.name} does not load ({reason}" in line
