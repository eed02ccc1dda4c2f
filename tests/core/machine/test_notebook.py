"""Progress in a notebook, seen from a stand-in for its kernel."""

from __future__ import annotations

import sys
import types

import pytest

from nntasks.machine import notebook, progress


@pytest.fixture
def shown(monkeypatch):
    """Stand in for a kernel; return what it displays."""
    lines: list[str] = []

    class Handle:
        def update(self, data, raw):
            lines.append(data["text/plain"])

    def display(data, raw, display_id):
        lines.append(data["text/plain"])
        return Handle()

    shell = types.SimpleNamespace(kernel=object())
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell
    ipython.display = types.ModuleType("IPython.display")
    ipython.display.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", ipython.display)
    monkeypatch.setattr(notebook, "_PAUSE", 0)
    return lines


def test_a_bar_moves_in_place_and_goes(shown):
    with progress.in_notebooks(), progress.bar("training", 4, show=False) as advance:
        advance(1)
        advance(3, note="loss 0.5")
    assert [line.split()[-1] for line in shown[:2]] == ["0/4", "1/4"]
    assert shown[2].endswith("4/4 loss 0.5")
    assert shown[2].count("█") == 30
    assert shown[-1] == ""


def test_none_where_it_is_not_asked_for(shown):
    with progress.in_notebooks(False), progress.bar("training", 4) as advance:
        advance()
    assert shown == []


def test_elsewhere_there_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not notebook.is_running()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert not notebook.is_running()  # imported by a script
