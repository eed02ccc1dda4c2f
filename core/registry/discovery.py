"""Find all plugins and collect their entries."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable

from nntasks.errors import did_you_mean
from nntasks.registry.inspection import inspect_plugin
from nntasks.registry.plugin import SINGULAR, Plugin
from nntasks.registry.sources import built_in, installed
from nntasks.registry.table import Registry

_SURE = 0.85  # similarity from which a name counts as misspelt


def discover() -> Registry:
    """Find all plugins, built in and installed, and return the registry."""
    return collect([inspect_plugin(source) for source in [*built_in(), *installed()]])


def collect(plugins: Iterable[Plugin]) -> Registry:
    """Create a registry; plugins that serve an unknown task are quarantined."""
    plugins = list(plugins)
    tasks = [entry.name for p in plugins for kind, entry in p.entries if kind == "tasks"]
    registry = Registry()
    for plugin in plugins:
        reason = plugin.reason or _unknown_task(plugin, tasks)
        registry.add(dataclasses.replace(plugin, reason=reason))
    return registry


def _unknown_task(plugin: Plugin, tasks: list[str]) -> str:
    """Describe the first unknown task in `tasks=`; empty if there is none.

    A package may serve a task of another package that is not installed. So an unknown name beside
    a known one is accepted, unless it looks like a misspelt known name.
    """
    for kind, entry in plugin.entries:
        unknown = [name for name in entry.tasks if name not in tasks]
        alone = len(unknown) == len(entry.tasks)
        for name in unknown:
            if alone or difflib.get_close_matches(name, tasks, n=1, cutoff=_SURE):
                hint = did_you_mean(name, tasks) or f" Known: {', '.join(sorted(tasks))}."
                return (
                    f"the {SINGULAR[kind]} {entry.name!r} serves the task {name!r}, "
                    f"which no plugin provides.{hint}"
                )
    return ""
