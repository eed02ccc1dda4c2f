"""All checks on all entries: findings one by one, and one error for a plugin that fails some."""

from __future__ import annotations

import pytest

from nntasks.errors import MissingError, UsageError
from nntasks.registry import discover
from nntasks.testing import check_all, check_plugin, examine, plugins
from nntasks.testing.plugins import Finding

SMALL = {"data.points": 16}


def raising(error):
    def check(trial):
        raise error

    return check


def one_of_toy(kind, name):
    registry = discover()
    (plugin,) = [one for one in registry.plugins if one.name == "toy"]
    found = [one for one in examine(plugin, registry, SMALL) if one.subject == f"{kind} {name}"]
    return {one.check: one for one in found}


def test_the_toy_passes_all_but_what_is_not_here(toy):
    found = one_of_toy("task", "toy")
    assert list(found) == [
        "entry",
        "configuration",
        "repeatable batches",
        "built from its seeds",
        "predictions and state",
        "laws of metrics",
        "resume",
        "two processes",
    ]
    assert not any(one.problem for one in found.values())
    (absent,) = one_of_toy("data set", "costly").values()
    assert not absent.failed
    assert not absent.checked
    assert "no_such_package" in absent.problem


@pytest.mark.parametrize(
    ("error", "needed", "problem", "checked"),
    [
        (AssertionError("two\n  lines"), False, "two lines", True),
        (AssertionError(), False, "a check of its own failed", True),
        (MissingError("no network"), True, "no network", False),
        (UsageError("too small"), True, "too small", False),  # the keys do not fit
        (UsageError("too small"), False, "too small", True),
        (KeyError("a"), False, "KeyError: 'a'", True),
    ],
)
def test_what_a_check_raises_is_one_line(error, needed, problem, checked):
    assert plugins._attempt(raising(error), None, needed) == (problem, checked)


def test_a_check_that_passes_has_no_problem():
    assert plugins._attempt(lambda trial: None, None, True) == ("", True)
    assert Finding("p", "model m", "entry").failed is False


def test_after_a_failed_check_those_that_need_it_are_skipped(toy, monkeypatch):
    bad = raising(AssertionError("bad"))
    checks = (("first", True, bad), ("second", False, bad))
    others = (("first", False, bad), ("second", False, bad))
    for given, names in ((checks, ["first"]), (others, ["first", "second"])):
        monkeypatch.setattr(plugins, "_CHECKS", dict.fromkeys(plugins._CHECKS, given))
        assert list(one_of_toy("model", "perceptron")) == names


def test_a_broken_contract_is_told_with_its_entry_and_check(toy, monkeypatch):
    bad = (("shape", False, raising(AssertionError("it is odd"))),)
    monkeypatch.setattr(plugins, "_CHECKS", dict.fromkeys(plugins._CHECKS, bad))
    monkeypatch.setattr(plugins, "check_plugin", lambda *_: None)  # one of its entries is missing
    with pytest.raises(AssertionError) as told:
        check_all("toy")
    first, *lines = str(told.value).splitlines()
    assert first == "plugin 'toy' breaks its contract"
    assert "model perceptron: shape: it is odd" in lines


def test_a_plugin_that_is_not_installed():
    with pytest.raises(AssertionError, match="no plugin 'nix': is its entry point in the group"):
        check_plugin("nix")


def test_a_quarantined_plugin_has_one_finding(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))
    registry = discover()
    (plugin,) = [one for one in registry.plugins if one.name == "broken"]
    (found,) = examine(plugin, registry)
    assert (found.subject, found.check, found.failed) == ("plugin", "loads", True)
    assert found.problem.startswith("it is quarantined: ModuleNotFoundError")
