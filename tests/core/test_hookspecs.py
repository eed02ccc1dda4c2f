"""The hooks of plugins, and their entries, which can be told apart and hashed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pluggy
import pytest

from nntasks import hookspecs
from nntasks.hookspecs import Entry, hookimpl
from nntasks.registry.plugin import KINDS


def test_entries_are_values():
    one, same = (Entry("a", "m:A", "s", renamed={"old": "new"}) for _ in range(2))
    assert one == same
    assert len({one, same, Entry("b", "m:B", "s")}) == 2
    assert one != Entry("a", "m:A", "s")  # its former names count, though they have no hash
    with pytest.raises(FrozenInstanceError):
        one.name = "b"


def test_an_entry_needs_nothing_and_shares_nothing_by_default():
    one, other = Entry("a", "m:A", "s"), Entry("b", "m:B", "s")
    assert (one.tasks, one.requires, one.scorer, one.comparison) == ((), (), "", "")
    assert one.renamed is not other.renamed


def test_every_kind_has_a_hook_that_a_plugin_can_implement():
    manager = pluggy.PluginManager("nntasks")
    manager.add_hookspecs(hookspecs)

    def hook_of(kind):
        return staticmethod(hookimpl(lambda: [Entry(kind, "m:A", "s")]))

    plugin = type("Plugin", (), {f"register_{kind}": hook_of(kind) for kind in KINDS})
    manager.register(plugin())
    manager.check_pending()
    for kind in KINDS:
        ((entry,),) = getattr(manager.hook, f"register_{kind}")()
        assert entry.name == kind


def test_a_misspelt_hook_is_found():
    manager = pluggy.PluginManager("nntasks")
    manager.add_hookspecs(hookspecs)

    class Plugin:
        @hookimpl
        def register_task(self):
            return []

    manager.register(Plugin())
    with pytest.raises(pluggy.PluginValidationError, match="register_task"):
        manager.check_pending()
