"""Plugins are found, and a broken one disturbs no other."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from command_line import BROKEN

from nntasks import Entry
from nntasks.errors import PluginError
from nntasks.registry import KINDS, Plugin, discover
from nntasks.registry.discovery import collect


def bringing(name, kind, *entries, **more):
    return Plugin(name, f"{name} 1.0", entries=tuple((kind, e) for e in entries), **more)


def serving(*tasks):
    return bringing("q", "models", Entry("a_model", "json:dumps", "a model", tasks))


TASKS = bringing(
    "p", "tasks", Entry("count_dots", "json:dumps", "s"), Entry("xor", "json:dumps", "s")
)


def test_built_in_plugins_are_found():
    registry = discover()
    assert "yolo_detect" in [entry.name for entry in registry.entries("tasks")]
    assert not [p for p in registry.quarantined if p.origin == "built in"]


def test_every_built_in_entry_resolves():
    registry = discover()
    for kind in KINDS:
        for entry in registry.entries(kind):
            if registry.plugin_of(kind, entry.name).origin == "built in":
                assert callable(pkgutil.resolve_name(entry.target)), "without optional packages"


def test_a_third_party_is_found_by_its_entry_point(toy):
    importlib.invalidate_caches()
    registry = discover()
    assert registry.plugin_of("tasks", "toy").origin == "nntasks-toy 1.0"
    assert registry.resolve("tasks", "toy").__name__ == "Toy"
    assert {entry.name for entry in registry.entries("datasets", task="toy")} >= {"clouds"}


def test_a_plugin_that_cannot_be_imported_is_set_aside_and_named(monkeypatch):
    monkeypatch.syspath_prepend(str(BROKEN))
    registry = discover()
    (broken,) = [p for p in registry.quarantined if p.name == "broken"]
    assert "a_package_that_does_not_exist" in broken.reason
    assert "yolo_detect" in [entry.name for entry in registry.entries("tasks")]
    with pytest.raises(PluginError, match="would provide it, but is quarantined"):
        registry.entry("tasks", "broken_task")


@pytest.mark.parametrize(
    ("tasks", "reason"),
    [
        (("count_dot",), "which no plugin provides. Did you mean 'count_dots'?"),
        (("segment",), "which no plugin provides. Known: count_dots, xor."),
        (("xor", "count_dosts"), "'count_dosts', which no plugin provides. Did you mean 'count_"),
    ],
)
def test_a_task_that_nobody_brings(tasks, reason):
    registry = collect([TASKS, serving(*tasks)])
    (wrong,) = registry.quarantined
    assert wrong.name == "q"
    assert wrong.reason.startswith("the model 'a_model' serves the task ")
    assert reason in wrong.reason


@pytest.mark.parametrize("tasks", [("xor",), ("xor", "count_cells_of_another_package")])
def test_a_task_of_a_package_that_is_not_here_may_stand_beside_one_that_is(tasks):
    assert not collect([serving(*tasks), TASKS]).quarantined


def test_a_task_of_a_quarantined_plugin_is_no_misspelling():
    broken = bringing("r", "tasks", Entry("late", "json:dumps", "s"), reason="it has a flaw")
    registry = collect([TASKS, broken, serving("late")])
    assert [plugin.name for plugin in registry.quarantined] == ["r"]
