from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import pytest

from nntasks import Entry, hookimpl
from nntasks.errors import MissingError, PluginError, UsageError
from nntasks.registry import Registry, Source, _inspect, discover

BROKEN = Path(__file__).resolve().parent.parent / "broken_plugin"


def module(name, **functions):
    made = types.ModuleType(name)
    for hook, function in functions.items():
        setattr(made, hook, function)
    return made


def plugin(name, entries=(), *, hook="register_tasks", origin="a package 1.0", marked=True):
    def announce():
        return entries

    made = module(name, **{hook: hookimpl(announce) if marked else announce})
    return _inspect(Source(name, name, origin, lambda: made))


def registry_of(*plugins):
    registry = Registry()
    for one in plugins:
        registry.add(one)
    return registry


A = Entry("a_task", "json:dumps", "a task")


def test_built_in_plugins_are_found():
    registry = discover()
    assert "yolo_detect" in [entry.name for entry in registry.entries("tasks")]
    assert not [p for p in registry.quarantined if p.origin == "built in"]


def test_every_built_in_entry_resolves():
    registry = discover()
    for kind in ("tasks", "models", "metrics", "datasets"):
        for entry in registry.entries(kind):
            if registry.plugin_of(kind, entry.name).origin == "built in":
                assert callable(registry.resolve(kind, entry.name))


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
    with pytest.raises(UsageError, match="Plugin 'broken' would provide it, but is quarantined"):
        registry.entry("tasks", "broken_task")


def test_a_plugin_that_exits_is_set_aside():
    def leave():
        sys.exit("no licence")

    assert "SystemExit: no licence" in _inspect(Source("x", "x", "x 1", leave)).reason


def test_a_misspelt_hook_is_set_aside():
    assert "register_task" in plugin("p", [A], hook="register_task").reason


def test_a_hook_without_its_decorator_is_explained():
    assert "lacks the decorator @nntasks.hookimpl" in plugin("p", [A], marked=False).reason


def test_a_module_without_hooks_is_explained():
    empty = _inspect(Source("p", "p", "p 1", lambda: module("p")))
    assert "it implements no hook" in empty.reason


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("a_task", "must return Entry objects, got str"),
        (Entry("a", "json", "no attribute"), "target must be 'module:attribute', got 'json'"),
        (Entry("a", "json:dumps", "s", tasks="toy"), "tasks must be a tuple of names"),
    ],
)
def test_a_bad_entry_is_explained(entry, message):
    assert message in plugin("p", [entry]).reason


def test_a_clash_names_both_plugins_and_sets_the_later_aside():
    registry = registry_of(plugin("one", [A]), plugin("two", [A], origin="other 2.0"))
    (later,) = registry.quarantined
    assert later.name == "two"
    for word in ("'a_task'", "'one'", "a package 1.0", "'two'", "other 2.0"):
        assert word in later.reason
    assert registry.plugin_of("tasks", "a_task").name == "one"


def test_a_plugin_that_names_something_twice_is_set_aside():
    assert "already taken by itself" in registry_of(plugin("p", [A, A])).quarantined[0].reason


def test_one_name_may_serve_several_kinds():
    both = registry_of(plugin("p", [A]), plugin("q", [A], hook="register_models"))
    assert not both.quarantined


def test_an_unknown_name_lists_the_nearest():
    with pytest.raises(UsageError, match=r"unknown task 'a_tusk'\. Did you mean 'a_task'\?"):
        registry_of(plugin("p", [A])).entry("tasks", "a_tusk")


def test_an_unknown_name_without_a_near_one_lists_all():
    with pytest.raises(UsageError, match="Known: a_task"):
        registry_of(plugin("p", [A])).entry("tasks", "zzz")


def test_an_entry_of_another_task_is_refused():
    registry = registry_of(
        plugin("p", [Entry("m", "json:dumps", "s", ("x",))], hook="register_models")
    )
    with pytest.raises(UsageError, match="model 'm' serves x, not 'y'"):
        registry.entry("models", "m", task="y")


def test_a_missing_package_is_named_with_the_command_that_gets_it():
    registry = registry_of(
        plugin("p", [Entry("a", "json:dumps", "s", requires=("no_such_package",))])
    )
    with pytest.raises(MissingError, match="pip install no_such_package"):
        registry.resolve("tasks", "a")


@pytest.mark.parametrize("target", ["no_such_module:x", "json:no_such_attribute"])
def test_a_target_that_does_not_exist_blames_the_plugin(target):
    registry = registry_of(plugin("guilty", [Entry("a", target, "s")]))
    with pytest.raises(PluginError, match="plugin 'guilty'"):
        registry.resolve("tasks", "a")
