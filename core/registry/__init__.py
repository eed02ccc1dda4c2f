"""Discover plugins, quarantine broken ones, and resolve names to objects.

Built-in plugins are the sub-packages of `nntasks.plugins`; others announce themselves by an entry
point in the group `nntasks`. Each is loaded separately: a plugin that breaks the contract is
quarantined with the reason, and the others keep working.

`sources` finds the plugins, `inspection` loads one and calls its hooks, `table` holds their
entries.
"""

from __future__ import annotations

from nntasks.registry.discovery import discover
from nntasks.registry.plugin import KINDS, OF_TASKS, SINGULAR, Plugin
from nntasks.registry.table import Registry

__all__ = ["KINDS", "OF_TASKS", "SINGULAR", "Plugin", "Registry", "discover"]
