"""Programs and their children, started where the working directory holds files of our names."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from command_line import ROOT, cli_environment
from own_project import imported, make_project

from nntasks.machine import program

QUICK = ("epochs=1", "data.points=64")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("run", "toy", *QUICK, "--nproc", "2", "--json"),
        ("ablate", "toy", "width=4,8", *QUICK, "--json"),
        ("tune", "toy", *QUICK, "--trials", "1", "--space", "width=4,8"),
    ],
    ids=lambda words: words[0],
)
def test_no_file_of_the_working_directory_is_imported(cli, project, words):
    process = cli(*words, cwd=project)
    assert imported(project) == []
    assert process.returncode == 0, process.stderr
    if "--json" in words:
        assert json.loads(process.stdout)


def test_what_pythonpath_names_is_searched_though_it_is_the_working_directory(tmp_path):
    (tmp_path / "random.py").write_text("raise SystemExit('mine')")
    environment = cli_environment(plugins=(tmp_path,))
    command = [sys.executable, "-m", "nntasks", "run", "toy", "--dry-run"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == "mine"


def path_of_child(path, *, cwd, **environment):
    """Return the search path of a child whose parent has `path`, seen in the child."""
    code = (
        "import sys, nntasks.machine.program as program\n"
        f"sys.path[:] = {path!r}\n"
        "program._CODE = program._CODE.partition('; from')[0] + '; print(sys.path)'\n"
        "import subprocess; print(subprocess.run(program.child_command([]), text=True,\n"
        "                                        capture_output=True, check=True).stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.replace("'", '"'))


@pytest.mark.parametrize("first", ["", ".", "{cwd}"])
def test_a_child_searches_the_places_of_its_parent_but_the_working_directory(tmp_path, first):
    places = [place for place in sys.path if place and place != str(ROOT)]
    path = [first.format(cwd=tmp_path), *places, "/nowhere"]
    assert path_of_child(path, cwd=tmp_path) == [*places, "/nowhere"]


def test_a_working_directory_that_a_later_entry_names_stays_there(tmp_path):
    places = [place for place in sys.path if place and place != str(ROOT)]
    path = [str(tmp_path), *places, str(tmp_path)]  # as an editable install has it
    assert path_of_child(path, cwd=tmp_path) == [*places, str(tmp_path)]


def test_a_child_in_the_clone_finds_the_clone():
    assert path_of_child([str(ROOT), *sys.path], cwd=ROOT)[0] == str(ROOT)


def test_a_first_place_that_is_not_the_working_directory_stays(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["/the/folder/of/a/script", *sys.path])
    assert program.search_path() == sys.path


def test_a_deleted_working_directory_is_no_error(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(sys, "path", ["", "/somewhere"])
    assert program.search_path() == ["/somewhere"]
    monkeypatch.chdir(tmp_path)


def test_children_are_started_in_one_way():
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder in ("core", "plugins")
        for path in (ROOT / folder).rglob("*.py")
    }
    starting = [path.name for path, text in texts.items() if "[sys.executable" in text]
    assert sorted(set(starting)) == ["program.py"]
