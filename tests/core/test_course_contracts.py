"""Exercises and notebooks of a plugin that break their contract."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from nntasks import Entry, Exercise, course_contracts
from nntasks.errors import PluginError
from nntasks.registry import Plugin, Registry


class NoChecks(Exercise):
    assignment = "1"
    reference = len


class NoAssignment(Exercise):
    reference = len

    def checks(self):
        return iter(())


@pytest.fixture
def registry(monkeypatch, tmp_path):
    module = types.ModuleType("odd_course")
    module.NoChecks, module.NoAssignment, module.plain = NoChecks, NoAssignment, dict
    module.missing = lambda: tmp_path / "nothing.md"
    module.present = lambda: Path(__file__)
    monkeypatch.setitem(sys.modules, "odd_course", module)
    made = Registry()
    entries = [
        (kind, Entry(name, f"odd_course:{name}", "s", ("toy",)))
        for kind, names in (
            ("exercises", "NoChecks NoAssignment plain"),
            ("notebooks", "missing present plain"),
        )
        for name in names.split()
    ]
    made.add(Plugin("odd", "odd 1.0", entries=tuple(entries)))
    return made


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("NoChecks", "lacks checks, which class NoChecks must define"),
        ("NoAssignment", "lacks assignment, which class NoAssignment must define"),
        ("plain", "must be a subclass of nntasks.Exercise, got <class 'dict'>"),
    ],
)
def test_odd_exercises(registry, name, problem):
    with pytest.raises(PluginError) as error:
        course_contracts.exercise(registry, name)
    assert str(error.value) == f"plugin 'odd' (odd 1.0): exercise {name!r} {problem}"


def test_notebooks(registry):
    assert course_contracts.notebook(registry, "present") == Path(__file__)
    for name in ("missing", "plain"):
        with pytest.raises(PluginError, match="must return the path of a file"):
            course_contracts.notebook(registry, name)
