"""A discovered plugin, the kinds of entries, and errors of plugins in one line."""

from __future__ import annotations

import pytest

from nntasks.errors import PluginError, UsageError
from nntasks.registry.plugin import KINDS, OF_TASKS, SINGULAR, Plugin, one_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PluginError("it lacks\n  merge"), "it lacks merge"),
        (ImportError("No module named 'x'"), "ImportError: No module named 'x'"),
        (ValueError(), "ValueError: no message"),
        (UsageError("of ours"), "UsageError: of ours"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_an_error_is_one_line(error, line):
    assert one_line(error) == line


def test_every_kind_has_a_name_for_one_of_it():
    assert tuple(SINGULAR) == KINDS
    assert len(set(SINGULAR.values())) == len(KINDS)
    assert set(OF_TASKS) < set(KINDS)
    assert "tasks" not in OF_TASKS


def test_a_plugin_is_healthy_and_complete_unless_it_is_said():
    plugin = Plugin("toy", "toy 1.0")
    assert (plugin.reason, plugin.entries, plugin.complete) == ("", (), True)
