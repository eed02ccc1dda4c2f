"""A teacher's exercise in a package of its own: the example of docs/plugins.md, as it stands."""

from __future__ import annotations

import importlib
import re

import pytest
from command_line import ROOT

from nntasks.grading.grades import grade_file
from nntasks.grading.limits import Limits
from nntasks.testing import check_all


@pytest.fixture
def teacher(tmp_path, monkeypatch):
    """Install the package that the page describes."""
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    section = page.split("## Exercises and notebooks of your own")[1].split("\n## ")[0]
    code = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (tmp_path / "my_course.py").write_text("\n\n".join(code))
    info = tmp_path / "my_course-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-course\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nntasks]\nmy_course = my_course\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()


def graded(folder, code):
    file = folder / "homework.py"
    file.write_text(code)
    (grade,) = grade_file(file, Limits(), seed=5).grades
    return grade


def test_it_is_graded_as_ours_are(teacher, tmp_path):
    right = graded(tmp_path, "def mean(values):\n    return values.mean()\n")
    assert (right.name, right.assignment, right.points, right.most) == ("mean", "1", 2, 2)
    wrong = graded(tmp_path, "def mean(values):\n    return values.sum()\n")
    assert wrong.points == 0
    assert wrong.problems[0].startswith("mean: the mean is the sum: expected ")


def test_it_keeps_the_contract_of_plugins(teacher):
    check_all("my_course")
