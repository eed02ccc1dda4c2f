"""Discovery of plugins, quarantine of broken ones, and the way from a name to an object.

Built-in plugins are the sub-packages of `nntasks.plugins`; others announce themselves by an entry
point in the group `nntasks`. Each is loaded on its own: one that breaks the contract is set aside
with the reason, and the rest go on.

`sources` finds the plugins, `inspection` loads one and asks its hooks, `table` holds what they
bring.
"""

from __future__ import annotations

from nntasks.registry.discovery import discover
from nntasks.registry.plugin import KINDS, SINGULAR, Plugin
from nntasks.registry.table import Registry

__all__ = ["KINDS", "SINGULAR", "Plugin", "Registry", "discover"]
