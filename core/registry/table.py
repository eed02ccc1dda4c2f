"""The entries of all plugins by kind and name, and how names resolve to objects."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nntasks import garbage
from nntasks.errors import MissingError, PluginError, UsageError, did_you_mean
from nntasks.hookspecs import Entry
from nntasks.registry.plugin import OF_TASKS, SINGULAR, Plugin, one_line


@dataclass
class Registry:
    """All entries by kind and name, and every plugin, healthy or not."""

    plugins: list[Plugin] = field(default_factory=list)
    _owners: dict[tuple[str, str], tuple[Entry, Plugin]] = field(default_factory=dict)

    def add(self, plugin: Plugin) -> None:
        """Add a plugin; it is quarantined as a whole if one of its names is taken."""
        reason = plugin.reason or self._clash(plugin)
        plugin = dataclasses.replace(plugin, reason=reason)
        self.plugins.append(plugin)
        if not reason:
            for kind, entry in plugin.entries:
                self._owners[kind, entry.name] = (entry, plugin)

    def _clash(self, plugin: Plugin) -> str:
        namesake = next((p for p in self.plugins if p.name == plugin.name and not p.reason), None)
        if namesake:
            return (
                f"the plugin name {plugin.name!r} ({plugin.origin}) is already taken "
                f"({namesake.origin}); rename its entry point"
            )
        seen: set[tuple[str, str]] = set()
        for kind, entry in plugin.entries:
            holder = self._owners.get((kind, entry.name))
            if holder or (kind, entry.name) in seen:
                owner = f"plugin {holder[1].name!r} ({holder[1].origin})" if holder else "itself"
                return (
                    f"the {SINGULAR[kind]} name {entry.name!r} of plugin {plugin.name!r} "
                    f"({plugin.origin}) is already taken by {owner}; rename one of them"
                )
            seen.add((kind, entry.name))
        return ""

    @property
    def quarantined(self) -> list[Plugin]:
        """The quarantined plugins."""
        return [plugin for plugin in self.plugins if plugin.reason]

    @property
    def labelled(self) -> dict[str, Plugin]:
        """The plugins by name; duplicates are labelled with their origin."""
        found: dict[str, Plugin] = {}
        for plugin in sorted(self.plugins, key=lambda p: bool(p.reason)):
            label = f"{plugin.name} ({plugin.origin})" if plugin.name in found else plugin.name
            found[label] = plugin
        return dict(sorted(found.items()))

    def entries(self, kind: str, *, task: str | None = None) -> list[Entry]:
        """Return the entries of a kind by name; with `task`, those that serve it."""
        found = self.announced(kind)
        if task is not None and kind in OF_TASKS:
            found = [entry for entry in found if task in entry.tasks]
        return sorted(found, key=lambda entry: entry.name)

    def announced(self, kind: str) -> list[Entry]:
        """Return the entries of a kind in the order in which their plugins announced them."""
        return [entry for (k, _), (entry, _) in self._owners.items() if k == kind]

    def plugin_of(self, kind: str, name: str) -> Plugin:
        """Return the plugin that brought an entry."""
        self.entry(kind, name)
        return self._owners[kind, name][1]

    def entry(self, kind: str, name: str, *, task: str | None = None) -> Entry:
        """Return an entry by name.

        Raises:
            UsageError: the name is unknown or does not serve `task`; names the nearest ones.
            PluginError: a quarantined plugin would have brought it.
        """
        found = self._owners.get((kind, name))
        if found is None:
            raise self._unknown(kind, name, task)
        entry = found[0]
        if task is not None and task not in entry.tasks:
            serves = ", ".join(entry.tasks) or "no task"
            raise UsageError(f"{SINGULAR[kind]} {name!r} serves {serves}, not {task!r}")
        return entry

    def _unknown(self, kind: str, name: str, task: str | None) -> UsageError | PluginError:
        unknown = f"unknown {SINGULAR[kind]} {name!r}."
        for plugin in self.quarantined:
            if _would_provide(plugin, kind, name):
                return PluginError(
                    f"{unknown} Plugin {plugin.name!r} ({plugin.origin}) would provide it, "
                    f"but is quarantined: {plugin.reason}"
                )
        names = [entry.name for entry in self.entries(kind, task=task)]
        hint = did_you_mean(name, names) or f" Known: {', '.join(names) or 'none'}."
        return UsageError(unknown + hint)

    def blame(self, kind: str, name: str, problem: str) -> PluginError:
        """Return an error that names an entry and its plugin."""
        plugin = self.plugin_of(kind, name)
        return PluginError(
            f"plugin {plugin.name!r} ({plugin.origin}): {SINGULAR[kind]} {name!r} {problem}"
        )

    def resolve(self, kind: str, name: str, *, task: str | None = None) -> Any:
        """Import and return the object behind a name.

        Raises:
            UsageError: unknown name.
            MissingError: an optional package that the entry requires is not installed.
            PluginError: the target cannot be imported or does not exist.
        """
        entry = self.entry(kind, name, task=task)
        return self._load(kind, entry, entry.target)

    def resolve_scorer(self, task: str) -> Any:
        """Import and return the scorer of a task.

        Raises:
            UsageError: unknown task, or it has no scorer.
            MissingError, PluginError: as in `resolve`.
        """
        entry = self.entry("tasks", task)
        if not entry.scorer:
            able = ", ".join(one.name for one in self.entries("tasks") if one.scorer)
            raise UsageError(f"task {task!r} has no scorer; these have: {able or 'none'}")
        return self._load("tasks", entry, entry.scorer)

    def resolve_comparison(self, task: str) -> Any:
        """Import and return what a task adds to `compare`; None if it adds nothing.

        Raises:
            UsageError: unknown task.
            MissingError, PluginError: as in `resolve`.
        """
        entry = self.entry("tasks", task)
        return self._load("tasks", entry, entry.comparison) if entry.comparison else None

    def _load(self, kind: str, entry: Entry, target: str) -> Any:
        missing = [package for package in entry.requires if not _installed(package)]
        if missing:
            raise MissingError(
                f"{SINGULAR[kind]} {entry.name!r} needs {', '.join(missing)}, not installed here; "
                f"run: python -m pip install {' '.join(missing)}"
            )
        module, _, attribute = target.partition(":")
        try:
            with garbage.importing():
                return getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:  # a plugin may fail in any way
            problem = f"cannot be loaded from {target!r}: {one_line(error)}"
            raise self.blame(kind, entry.name, problem) from error


def _would_provide(plugin: Plugin, kind: str, name: str) -> bool:
    if any(k == kind and entry.name == name for k, entry in plugin.entries):
        return True
    if plugin.complete:
        return False
    # It failed before it announced everything; its source still tells whether it knows the name.
    try:
        spec = importlib.util.find_spec(plugin.module)
        text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    except Exception:  # looking for a module imports the packages around it
        text = ""
    announced = rf"""\bEntry\(\s*(name\s*=\s*)?(["']){re.escape(name)}\2"""
    return plugin.name == name or re.search(announced, text) is not None


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
