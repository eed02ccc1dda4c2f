"""The notebooks: both forms run, gaps are said to be gaps, and answers pass every check."""

from __future__ import annotations

import json
import re

import jupytext
import pytest
import shared_runs
from course_notebooks import executed, notebook, printed

import nntasks as nt
from nntasks import course_contracts
from nntasks.course.forms import make_notebook
from nntasks.grading.grades import all_exercises, grade_file
from nntasks.grading.limits import Limits
from nntasks.registry import discover

NAMES = ("1", "2", "3", "4", "5", "5_2")


def exercises(name):
    return list(all_exercises(discover(), name))


def head(cell):
    """Return what a cell begins to define, such as `def nms`."""
    return re.split(r"[(:]", cell["source"][0])[0]


def figures_not_shown(made):
    """Return the cells that end with a figure and show no picture."""
    shows = re.compile(r"^plt\.show\(\)$|^\w+\.figures\[.*\]\Z", re.MULTILINE)
    cells = [cell for cell in made.cells if cell.cell_type == "code" and shows.search(cell.source)]
    assert cells
    return [c.source for c in cells if not any("image/png" in o.get("data", {}) for o in c.outputs)]


def code(made):
    return [cell.source for cell in made.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_of_an_assignment_is_in_its_notebook_with_a_check(name):
    for form in ("worked", "exercise"):
        cells = code(notebook(name, form))
        checked = [m[1] for cell in cells if (m := re.fullmatch(r"(\w+) = check\(\1\)", cell))]
        assert checked == exercises(name)
        for one in checked:
            before = cells[cells.index(f"{one} = check({one})") - 1]
            assert re.search(rf"^(def|class) {one}\b", before)
            assert ("NotImplementedError" in before) == (form == "exercise")


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_folded_in_one_form_and_absent_in_the_other(name):
    worked, gaps = (json.dumps(notebook(name, form)) for form in ("worked", "exercise"))
    assert worked.count("<details><summary>Answer</summary>") == gaps.count("*Your answer:*") >= 3
    assert "<details>" not in gaps
    assert "<!--" not in worked + gaps


@pytest.mark.parametrize("name", NAMES)
def test_jupytext_reads_the_same_code_cells(name):
    """The sources are notebooks of jupytext, too: its reader finds the cells that ours finds."""
    text = course_contracts.notebook(discover(), name).read_text(encoding="utf-8")
    theirs = [c.source for c in jupytext.reads(text, "md").cells if c.cell_type == "code"]
    ours = code(notebook(name, "worked"))
    kept = [c for c in theirs if not c.startswith(("# exercise", "# worked"))]
    assert [c for c in kept if c not in ours] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_exercise_form_filled_with_the_references_passes_every_check(name, tmp_path):
    """As a student would hand it in: the notebook's own gaps, filled."""
    registry = discover()
    text = course_contracts.notebook(registry, name).read_text(encoding="utf-8")
    gaps, filled = (make_notebook(text, form, registry) for form in ("exercise", "worked"))
    answers = {head(cell): cell["source"] for cell in filled["cells"]}
    for cell in gaps["cells"]:
        if "NotImplementedError" in "".join(cell["source"]):
            cell["source"] = answers[head(cell)]
    path = tmp_path / "handed-in.ipynb"
    path.write_text(json.dumps(gaps))
    grades = grade_file(path, Limits(), assignment=name, seed=3)
    assert [problem for grade in grades.grades for problem in grade.problems] == []
    assert grades.points == grades.most


@pytest.fixture(scope="session")
def sharing(tmp_path_factory):
    """Return the variables with which the second form of a notebook gets the runs of the first."""
    ipython, store = tmp_path_factory.mktemp("ipython"), tmp_path_factory.mktemp("shared-runs")
    shared_runs.startup(ipython)
    return {"IPYTHONDIR": str(ipython), shared_runs.STORE: str(store)}


def test_a_shared_run_is_a_whole_run_in_a_folder_of_its_own(tmp_path, monkeypatch):
    run = shared_runs.shared(nt.run, tmp_path / "store")
    results = []
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        results.append(run("numpy_mlp", data="xor", epochs=1, hidden_sizes=(4,)))
    first, second = results
    assert second.folder == tmp_path / "second" / "runs" / "numpy_mlp" / first.folder.name
    assert nt.load("runs/numpy_mlp/latest").folder == second.folder
    assert second.metrics == first.metrics == dict(second.outcome.values)
    again = run("numpy_mlp", data="xor", epochs=1, hidden_sizes=(4,))  # in the same notebook
    assert again.folder == second.folder
    other = run("numpy_mlp", data="xor", epochs=2, hidden_sizes=(4,))
    assert other.folder.name != first.folder.name


@pytest.mark.slow
@pytest.mark.parametrize("form", ["worked", "exercise"])
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(name, form, tmp_path, sharing):
    made = executed(notebook(name, form), tmp_path, sharing)
    told = printed(made)
    for one in exercises(name):
        points = re.search(rf"^{one}: (\d+) of (\d+) points$", told, re.MULTILINE)
        assert points is not None
        assert (points[1] == points[2]) == (form == "worked")
        if form == "exercise":
            assert f"  {one}: not written yet\n" in told
    assert figures_not_shown(made) == []
