"""What is wrong with a plugin is said in one line of its own, for each typical mistake."""

from __future__ import annotations

import sys
import types

import pytest

from nntasks import Entry, hookimpl
from nntasks.registry.inspection import inspect_plugin
from nntasks.registry.sources import Source

A = Entry("a_task", "json:dumps", "a task")
M = Entry("a_model", "json:dumps", "a model", ("a_task",))


def module(name="p", **functions):
    made = types.ModuleType(name)
    for hook, function in functions.items():
        setattr(made, hook, function)
    return made


def inspected(loaded=None, load=None):
    return inspect_plugin(Source("p", "p", "a package 1.0", load or (lambda: loaded)))


def announcing(answer, hook="register_tasks"):
    return inspected(module(**{hook: hookimpl(lambda: answer)}))


def half_way():
    yield A
    raise RuntimeError("no\nmore")


def endless():
    while True:
        yield A


async def later():
    return [A]


@pytest.mark.parametrize("answer", [[A], (A,), {A}, iter([A]), (entry for entry in [A])])
def test_any_iterable_of_entries_will_do(answer):
    found = announcing(answer)
    assert found.reason == ""
    assert found.complete
    assert found.entries == (("tasks", A),)


LIST = "register_tasks must return a list of Entry objects, got "


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, LIST + "None"),
        (A, LIST + "one Entry; return [Entry(...)]"),
        ("a_task", LIST + "str"),
        ({"a_task": A}, LIST + "dict"),
        (3, LIST + "int"),
        (["a_task"], "register_tasks must return Entry objects, got str"),
        ([("a_task", "x:y")], "register_tasks must return Entry objects, got tuple"),
        ([], "register_tasks returned no entry"),
        (half_way(), "register_tasks failed after 1 entry: RuntimeError: no more"),
        (endless(), "register_tasks announces more than 10000 entries; does it ever end?"),
    ],
)
def test_an_answer_that_is_no_list_of_entries(answer, reason):
    assert announcing(answer).reason == reason


def test_entries_before_a_failure_are_kept_so_that_their_names_are_known():
    found = announcing(half_way())
    assert found.entries == (("tasks", A),)
    assert not found.complete


def test_a_hook_that_raises():
    def fail():
        return {}["key"]

    assert inspected(module(register_tasks=hookimpl(fail))).reason == (
        "register_tasks failed: KeyError: 'key'"
    )


def test_a_hook_that_exits():
    found = inspected(module(register_tasks=hookimpl(lambda: sys.exit("no licence"))))
    assert found.reason == "register_tasks failed: SystemExit: no licence"


@pytest.mark.filterwarnings("ignore:coroutine")
def test_a_hook_that_is_a_coroutine():
    assert inspected(module(register_tasks=hookimpl(later))).reason == LIST + "coroutine"


def fields(**more):
    return Entry(**{"name": "a", "target": "json:dumps", "summary": "s", **more})


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (fields(target="json"), "target must be 'module:attribute', got 'json'"),
        (fields(renamed=("a", "b")), "renamed must be a mapping of names, got ('a', 'b')"),
        (fields(target="json:"), "target must be 'module:attribute', got 'json:'"),
        (fields(target=":dumps"), "target must be 'module:attribute', got ':dumps'"),
        (fields(target="a/b.py:dumps"), "target must be 'module:attribute', got 'a/b.py:dumps'"),
        (fields(target="my-package:x"), "target must be 'module:attribute', got 'my-package:x'"),
        (fields(target=None), "target must be 'module:attribute', got None"),
        (fields(target=dict), "target must be 'module:attribute', got <class 'dict'>"),
        (fields(name="a b"), "entry 'a b': expected a name of letters, digits"),
        (fields(name=""), "entry '': expected a name of letters, digits"),
        (fields(name=None), "entry None: expected a name of letters, digits"),
        (fields(summary=None), "summary must be one line of text, got None"),
        (fields(tasks="toy"), "tasks must be a tuple of names, got 'toy'"),
        (fields(tasks=None), "tasks must be a tuple of names, got None"),
        (fields(requires="torch"), "requires must be a tuple of names, got 'torch'"),
        (fields(requires=(1,)), "requires must be a tuple of names, got (1,)"),
    ],
)
def test_a_bad_entry(entry, reason):
    told = announcing([entry]).reason
    assert told.startswith("register_tasks, entry ")
    assert reason in told


def test_an_entry_that_serves_no_task():
    told = announcing([fields()], "register_models").reason
    assert "entry 'a': it serves no task; say which, as tasks=('cnn_classify',)" in told


def test_an_entry_without_all_its_fields():
    told = inspected(module(register_tasks=hookimpl(lambda: [Entry("a")]))).reason
    assert told.startswith("register_tasks failed: TypeError:")
    assert "'target' and 'summary'" in told


def test_a_misspelt_hook():
    assert inspected(module(register_task=hookimpl(lambda: [A]))).reason.startswith(
        "register_task is decorated with @nntasks.hookimpl, but is not a hook."
        " Did you mean 'register_tasks' or "
    )


def test_a_hook_of_a_made_up_name():
    told = inspected(module(setup=hookimpl(lambda: [A]))).reason
    assert "setup is decorated with @nntasks.hookimpl, but is not a hook." in told
    assert "register_tasks, register_models, register_metrics, register_datasets, regis" in told


def test_a_hook_without_its_decorator():
    assert inspected(module(register_tasks=lambda: [A])).reason == (
        "register_tasks lacks the decorator @nntasks.hookimpl"
    )


def test_one_hook_of_two_without_its_decorator():
    loaded = module(register_tasks=hookimpl(lambda: [A]), register_models=lambda: [M])
    assert inspected(loaded).reason == "register_models lacks the decorator @nntasks.hookimpl"


@pytest.mark.parametrize(
    ("function", "shown"), [(lambda config: [A], "(config)"), (lambda *, all: [A], "(*, all)")]
)
def test_a_hook_with_arguments(function, shown):
    assert inspected(module(register_tasks=hookimpl(function))).reason == (
        f"register_tasks must take no arguments, but is register_tasks{shown}"
    )


def test_a_class_where_a_module_or_an_object_is_meant():
    class Hooks:
        @hookimpl
        def register_tasks(self):
            return [A]

    assert "must take no arguments, but is register_tasks(self)" in inspected(Hooks).reason
    assert inspected(Hooks()).reason == ""


def test_a_module_without_hooks():
    assert "it implements no hook: expected one of register_tasks" in inspected(module()).reason


def test_a_misspelt_hook_without_its_decorator():
    told = inspected(module(register_modles=lambda: [M])).reason
    assert "it has register_modles. Did you mean 'register_models'" in told


def test_a_module_that_fails_to_import_or_exits():
    def broken():
        raise ImportError("no such\n  thing")

    assert inspected(load=broken).reason == "ImportError: no such thing"
    assert inspected(load=lambda: sys.exit("no licence")).reason == "SystemExit: no licence"


def test_what_is_known_to_be_wrong_is_not_loaded():
    source = Source("p", "p", "a 1", lambda: pytest.fail("loaded"), "the entry point is odd")
    assert inspect_plugin(source).reason == "the entry point is odd"
