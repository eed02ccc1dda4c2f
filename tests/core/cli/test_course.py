"""The verb `course`: copies, keeps what was changed, and says what is missing."""

from __future__ import annotations

import importlib.util
import json
import os

import pytest


def test_both_forms_are_copied(cli_here, tmp_path):
    done = cli_here("course", "4", "--no-start", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "4-segmentation-exercise.ipynb",
        "4-segmentation-worked.ipynb",
    ]
    assert json.loads((tmp_path / "4-segmentation-worked.ipynb").read_text())["nbformat"] == 4


def test_all_in_one_form(cli_here, tmp_path):
    done = cli_here("course", "--form", "exercise", "--out", tmp_path / "new", "--copy-only")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "new").glob("*-exercise.ipynb"))) == 6


def test_a_notebook_that_a_student_has_changed_is_kept(cli_here, tmp_path):
    words = ("course", "5", "--form", "exercise", "--no-start", "--out", tmp_path)
    assert cli_here(*words).returncode == 0
    assert cli_here(*words).returncode == 0  # unchanged: nothing to do
    (path,) = tmp_path.iterdir()
    path.write_text("mine")
    done = cli_here(*words)
    assert done.returncode == 2
    assert "already exists and has changed" in done.stderr
    assert path.read_text() == "mine"


def test_without_jupyter_the_copies_stay_and_the_command_is_said(cli_here, tmp_path, monkeypatch):
    found = importlib.util.find_spec

    def without_jupyter(name, *rest):
        return None if name == "jupyterlab" else found(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", without_jupyter)
    done = cli_here("course", "3", "--form", "worked", "--out", tmp_path)
    assert done.returncode == 3
    assert "python -m pip install 'nntasks[notebooks]'" in done.stderr
    assert (tmp_path / "3-object-detection-worked.ipynb").is_file()


LAB = """import os, pathlib, signal, sys
os.kill(os.getppid(), signal.SIGINT)  # as Ctrl-C in a terminal, which reaches both
pathlib.Path("arguments.txt").write_text(" ".join(sys.argv[1:]))
sys.exit(7)
"""


def test_jupyter_gets_the_options_and_outlives_an_interrupt(cli_here, tmp_path, monkeypatch):
    package = tmp_path / "packages" / "jupyterlab"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "labapp.py").write_text(LAB)
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setenv("PYTHONPATH", str(package.parent), prepend=os.pathsep)
    words = ("course", "1", "--form", "worked", "--out", "new", "--", "--no-browser", "--port=9")
    done = cli_here(*words, cwd=tmp_path)
    assert done.returncode == 7
    told = (tmp_path / "arguments.txt").read_text()
    assert told == "new/1-numpy-network-worked.ipynb --no-browser --port=9"


@pytest.mark.parametrize("name", ["7", "5-2"])
def test_an_unknown_notebook(cli_here, tmp_path, name):
    done = cli_here("course", name, "--no-start", "--out", tmp_path / "new")
    assert done.returncode == 2
    assert f"unknown notebook '{name}'." in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_list(cli_here):
    done = cli_here("course", "--list")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "5_2",
    ]
