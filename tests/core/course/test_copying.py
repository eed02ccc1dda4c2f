"""Copies of notebooks: all or none, never over a student's work; and Jupyter, which opens them."""

from __future__ import annotations

import importlib.util
import json
from types import SimpleNamespace

import pytest

from nntasks.course import copying
from nntasks.errors import MissingError, UsageError


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """Let the registry have two notebooks, whose sources lie in a folder."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in ("first", "second"):
        (sources / f"{name}.md").write_text(f"# {name}\n\n```python\n1 + 1\n```\n")
    monkeypatch.setattr(
        copying.course_contracts, "notebook", lambda registry, name: sources / f"{name}.md"
    )
    names = [SimpleNamespace(name=name) for name in ("first", "second")]
    return SimpleNamespace(entries=lambda kind: names)


def copy(registry, folder, names=(), forms=("worked", "exercise")):
    return copying.copy_notebooks(registry, names, forms, folder)


def test_all_notebooks_in_all_forms(registry, tmp_path):
    paths = copy(registry, tmp_path / "new")
    assert [path.name for path in paths] == [
        "first-worked.ipynb",
        "first-exercise.ipynb",
        "second-worked.ipynb",
        "second-exercise.ipynb",
    ]
    assert all(json.loads(path.read_text())["nbformat"] == 4 for path in paths)


def test_only_what_is_named(registry, tmp_path):
    (path,) = copy(registry, tmp_path, ["second"], ["worked"])
    assert path == tmp_path / "second-worked.ipynb"


@pytest.mark.parametrize(
    ("name", "hint"), [("firsz", "Did you mean 'first'?"), ("9", "Known: first, second.")]
)
def test_an_unknown_notebook(registry, tmp_path, name, hint):
    with pytest.raises(UsageError) as told:
        copy(registry, tmp_path / "new", ["first", name])
    assert str(told.value) == f"unknown notebook {name!r}. {hint}"
    assert not (tmp_path / "new").exists()


def test_a_changed_file_keeps_all_others_from_being_written(registry, tmp_path):
    kept = tmp_path / "new" / "second-worked.ipynb"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(UsageError, match=r"second-worked\.ipynb already exists and has changed"):
        copy(registry, tmp_path / "new")
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
    assert kept.read_text() == "mine"


def test_unchanged_files_are_not_written_again(registry, tmp_path):
    paths = copy(registry, tmp_path)
    before = [path.stat().st_mtime_ns for path in paths]
    assert copy(registry, tmp_path) == paths
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_a_folder_that_cannot_be_made(registry, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot write to .*; choose another --out"):
        copy(registry, tmp_path / "file" / "new")


class Jupyter:
    """A process that a user interrupts once, and that ends with a code."""

    commands: list = []

    def __init__(self, command):
        self.commands.append(command)
        self.waits = [KeyboardInterrupt, 3]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def wait(self):
        answer = self.waits.pop(0)
        if answer is KeyboardInterrupt:
            raise answer
        return answer


@pytest.fixture
def jupyter(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(copying.subprocess, "Popen", Jupyter)
    monkeypatch.setattr(Jupyter, "commands", [])
    return Jupyter.commands


def test_ctrl_c_is_left_to_jupyter_whose_code_is_returned(jupyter, tmp_path):
    assert copying.start_jupyter([tmp_path / "a.ipynb"], ["--no-browser"]) == 3
    assert jupyter[0][-2:] == [str(tmp_path / "a.ipynb"), "--no-browser"]


def test_of_several_notebooks_their_folder_is_opened(jupyter, tmp_path):
    copying.start_jupyter([tmp_path / "a.ipynb", tmp_path / "b.ipynb"])
    assert jupyter[0][-1] == str(tmp_path)


def test_without_jupyter_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match="the notebooks are copied, but JupyterLab is not inst"):
        copying.start_jupyter([tmp_path / "a.ipynb"])
