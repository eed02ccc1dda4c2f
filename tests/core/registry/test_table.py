"""The table of entries: clashes, unknown names, and the way from a name to an object."""

from __future__ import annotations

import pytest

from nntasks import Entry
from nntasks.errors import MissingError, PluginError, UsageError
from nntasks.registry import Plugin, Registry

A = Entry("a_task", "json:dumps", "a task")


def plugin(name, entries=(), *, kind="tasks", origin="a package 1.0", **more):
    return Plugin(name, origin, entries=tuple((kind, entry) for entry in entries), **more)


def registry_of(*plugins):
    registry = Registry()
    for one in plugins:
        registry.add(one)
    return registry


def test_a_clash_names_both_plugins_and_sets_the_later_aside():
    registry = registry_of(plugin("one", [A]), plugin("two", [A], origin="other 2.0"))
    (later,) = registry.quarantined
    assert later.reason == (
        "the task name 'a_task' of plugin 'two' (other 2.0) is already taken by plugin 'one' "
        "(a package 1.0); rename one of them"
    )
    assert registry.plugin_of("tasks", "a_task").name == "one"


def test_a_plugin_that_names_something_twice_is_set_aside():
    assert "already taken by itself" in registry_of(plugin("p", [A, A])).quarantined[0].reason


def test_two_plugins_of_one_name_are_told_apart():
    registry = registry_of(plugin("p", [A]), plugin("p", origin="other 2.0"))
    (later,) = registry.quarantined
    assert later.reason == (
        "the plugin name 'p' (other 2.0) is already taken (a package 1.0); rename its entry point"
    )
    assert list(registry.labelled) == ["p", "p (other 2.0)"]
    assert not registry.labelled["p"].reason


def test_one_name_may_serve_several_kinds():
    assert not registry_of(plugin("p", [A]), plugin("q", [A], kind="models")).quarantined


def test_an_unknown_name_lists_the_nearest():
    with pytest.raises(UsageError, match=r"unknown task 'a_tusk'\. Did you mean 'a_task'\?"):
        registry_of(plugin("p", [A])).entry("tasks", "a_tusk")


def test_an_unknown_name_without_a_near_one_lists_all():
    with pytest.raises(UsageError, match="Known: a_task"):
        registry_of(plugin("p", [A])).entry("tasks", "zzz")


def test_a_name_of_a_quarantined_plugin_blames_the_plugin():
    registry = registry_of(plugin("p", [A], reason="it has a flaw"))
    message = r"unknown task 'a_task'\. Plugin 'p' \(a package 1\.0\) would .*: it has a flaw"
    with pytest.raises(PluginError, match=message):
        registry.entry("tasks", "a_task")
    with pytest.raises(UsageError, match="unknown task 'b_task'"):
        registry.entry("tasks", "b_task")


def test_the_source_of_a_plugin_that_failed_early_tells_what_it_would_bring(tmp_path, monkeypatch):
    (tmp_path / "failing.py").write_text('1 / 0\nEntry("late", "x:y", "s", ("a_task",))\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    early = plugin("p", reason="ZeroDivisionError", module="failing", complete=False)
    registry = registry_of(plugin("q", [A]), early)
    with pytest.raises(PluginError, match="Plugin 'p'"):
        registry.entry("tasks", "late")
    with pytest.raises(UsageError, match="unknown task 'x:y'"):
        registry.entry("tasks", "x:y")


def test_an_entry_of_another_task_is_refused():
    registry = registry_of(plugin("p", [Entry("m", "json:dumps", "s", ("x",))], kind="models"))
    with pytest.raises(UsageError, match="model 'm' serves x, not 'y'"):
        registry.entry("models", "m", task="y")


def test_a_missing_package_is_named_with_the_command_that_gets_it():
    needy = Entry("a", "json:dumps", "s", requires=("no_such_package",))
    with pytest.raises(MissingError, match="pip install no_such_package"):
        registry_of(plugin("p", [needy])).resolve("tasks", "a")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_such_module:x", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("json:no_such_attribute", "AttributeError: module 'json' has no attribute"),
        ("this_exits:x", "SystemExit: 3"),
    ],
)
def test_a_target_that_does_not_exist_blames_the_plugin(tmp_path, monkeypatch, target, message):
    (tmp_path / "this_exits.py").write_text("raise SystemExit(3)")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = registry_of(plugin("guilty", [Entry("a", target, "s")]))
    with pytest.raises(PluginError, match=r"^plugin 'guilty' \(a package 1\.0\): task 'a'") as told:
        registry.resolve("tasks", "a")
    assert f"cannot be loaded from {target!r}: {message}" in str(told.value)
