"""`nntasks list`: entries in columns, whom they serve, and plugins with their state."""

from __future__ import annotations

import pytest

from nntasks.registry import KINDS


@pytest.fixture
def broken(monkeypatch, request):
    monkeypatch.syspath_prepend(str(request.config.rootpath / "tests" / "broken_plugin"))


def rows(cli_here, *words):
    done = cli_here("list", *words)
    assert done.returncode == 0
    return {line.split()[0]: line for line in done.stdout.splitlines()}


def test_tasks_are_the_default_and_stand_in_columns(cli_here):
    found = rows(cli_here)
    assert found == rows(cli_here, "tasks")
    starts = {line.index(line.split(maxsplit=1)[1]) for line in found.values()}
    assert len(starts) == 1
    assert found["toy"].endswith("  tell two clouds of points apart")


@pytest.mark.parametrize(("kind", "name"), [("models", "perceptron"), ("datasets", "clouds")])
def test_what_serves_a_task_names_it(cli_here, kind, name):
    assert "[toy]" in rows(cli_here, kind)[name]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_listed(cli_here, kind):
    assert cli_here("list", kind).returncode == 0


def test_a_quarantined_plugin_is_named_beside_every_list(cli_here, broken):
    plugins = rows(cli_here, "plugins")
    assert plugins["toy"].endswith("ready")
    assert "quarantined: ModuleNotFoundError" in plugins["broken"]
    done = cli_here("list")
    assert "plugin 'broken' (nntasks-broken 1.0) is quarantined: ModuleNotFound" in done.stderr
    assert "broken" not in done.stdout


def test_an_unknown_kind_names_the_known_ones(cli_here):
    done = cli_here("list", "modelz")
    assert done.returncode == 2
    assert "models" in done.stderr
