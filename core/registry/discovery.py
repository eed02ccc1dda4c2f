"""Finding every plugin and putting together what they bring."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable

from nntasks.errors import did_you_mean
from nntasks.registry.inspection import inspect_plugin
from nntasks.registry.plugin import SINGULAR, Plugin
from nntasks.registry.sources import built_in, installed
from nntasks.registry.table import Registry

_SURE = 0.85  # likeness of names from which on one is the other, misspelt


def discover() -> Registry:
    """Find every plugin, built in and installed, and return what they bring."""
    return collect([inspect_plugin(source) for source in [*built_in(), *installed()]])


def collect(plugins: Iterable[Plugin]) -> Registry:
    """Put plugins into a registry; one that serves a task that nobody brings is quarantined."""
    plugins = list(plugins)
    tasks = [entry.name for p in plugins for kind, entry in p.entries if kind == "tasks"]
    registry = Registry()
    for plugin in plugins:
        reason = plugin.reason or _unknown_task(plugin, tasks)
        registry.add(dataclasses.replace(plugin, reason=reason))
    return registry


def _unknown_task(plugin: Plugin, tasks: list[str]) -> str:
    """Say which task in `tasks=` does not exist; nothing where all may.

    A package may well serve a task of another package that is not installed. So one unknown name
    beside a known one is let pass, unless it is a known one misspelt.
    """
    for kind, entry in plugin.entries:
        unknown = [name for name in entry.tasks if name not in tasks]
        alone = len(unknown) == len(entry.tasks)
        for name in unknown:
            if alone or difflib.get_close_matches(name, tasks, n=1, cutoff=_SURE):
                hint = did_you_mean(name, tasks) or f" Known: {', '.join(sorted(tasks))}."
                return (
                    f"the {SINGULAR[kind]} {entry.name!r} serves the task {name!r}, "
                    f"which no plugin brings.{hint}"
                )
    return ""
