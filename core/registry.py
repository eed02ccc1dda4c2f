"""Discovery of plugins, quarantine of broken ones, and the way from a name to an object.

Built-in plugins are the sub-packages of `plugins`; others announce themselves by an entry point
in the group `nntasks`. Each is loaded on its own: one that fails to import, has a misspelt hook
or claims a taken name is set aside with the reason, and the rest go on.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pluggy

from nntasks import hookspecs
from nntasks.errors import MissingError, PluginError, UsageError, did_you_mean
from nntasks.hookspecs import Entry

KINDS = ("tasks", "models", "metrics", "datasets")
SINGULAR = {"tasks": "task", "models": "model", "metrics": "metric", "datasets": "data set"}


@dataclass(frozen=True)
class Source:
    """Where a plugin comes from: its name, its module, and the distribution that installed it."""

    name: str
    module: str
    origin: str
    load: Callable[[], Any]


@dataclass(frozen=True)
class Plugin:
    """A plugin as it was found.

    Attributes:
        name: of the plugin.
        origin: "built in", or distribution and version.
        reason: why it is quarantined; empty for a healthy plugin.
        entries: (kind, entry) pairs that it announced.
        module: import name, for messages.
    """

    name: str
    origin: str
    reason: str = ""
    entries: tuple[tuple[str, Entry], ...] = ()
    module: str = ""


@dataclass
class Registry:
    """All entries by kind and name, and every plugin, healthy or not."""

    plugins: list[Plugin] = field(default_factory=list)
    _owners: dict[tuple[str, str], tuple[Entry, Plugin]] = field(default_factory=dict)

    def add(self, plugin: Plugin) -> None:
        """Take in a plugin; one that claims a taken name is quarantined as a whole."""
        reason = plugin.reason or self._clash(plugin)
        plugin = Plugin(plugin.name, plugin.origin, reason, plugin.entries, plugin.module)
        self.plugins.append(plugin)
        if not reason:
            for kind, entry in plugin.entries:
                self._owners[kind, entry.name] = (entry, plugin)

    def _clash(self, plugin: Plugin) -> str:
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
        """The plugins that were set aside."""
        return [plugin for plugin in self.plugins if plugin.reason]

    def entries(self, kind: str, *, task: str | None = None) -> list[Entry]:
        """Return the entries of a kind by name; with `task`, those that serve it."""
        found = [entry for (k, _), (entry, _) in self._owners.items() if k == kind]
        if task is not None:
            found = [entry for entry in found if task in entry.tasks]
        return sorted(found, key=lambda entry: entry.name)

    def plugin_of(self, kind: str, name: str) -> Plugin:
        """Return the plugin that brought an entry."""
        self.entry(kind, name)
        return self._owners[kind, name][1]

    def entry(self, kind: str, name: str, *, task: str | None = None) -> Entry:
        """Return an entry by name.

        Raises:
            UsageError: the name is unknown or does not serve `task`; names the nearest ones, and
                the quarantined plugin that would have brought it.
        """
        found = self._owners.get((kind, name))
        if found is None:
            raise UsageError(self._unknown(kind, name, task))
        entry = found[0]
        if task is not None and task not in entry.tasks:
            serves = ", ".join(entry.tasks) or "no task"
            raise UsageError(f"{SINGULAR[kind]} {name!r} serves {serves}, not {task!r}")
        return entry

    def _unknown(self, kind: str, name: str, task: str | None) -> str:
        names = [entry.name for entry in self.entries(kind, task=task)]
        message = f"unknown {SINGULAR[kind]} {name!r}."
        message += did_you_mean(name, names) or f" Known: {', '.join(names) or 'none'}."
        for plugin in self.quarantined:
            if _would_provide(plugin, kind, name):
                message += (
                    f" Plugin {plugin.name!r} would provide it, but is quarantined: {plugin.reason}"
                )
        return message

    def resolve(self, kind: str, name: str, *, task: str | None = None) -> Any:
        """Import and return the object behind a name.

        Raises:
            UsageError: unknown name.
            MissingError: an optional package that the entry requires is not installed.
            PluginError: the target cannot be imported or does not exist.
        """
        entry = self.entry(kind, name, task=task)
        missing = [package for package in entry.requires if not _installed(package)]
        if missing:
            raise MissingError(
                f"{SINGULAR[kind]} {name!r} needs {', '.join(missing)}, not installed here; "
                f"run: python -m pip install {' '.join(missing)}"
            )
        module, _, attribute = entry.target.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except Exception as error:
            plugin = self._owners[kind, name][1]
            raise PluginError(
                f"plugin {plugin.name!r} ({plugin.origin}): {SINGULAR[kind]} {name!r} cannot be "
                f"loaded from {entry.target!r}: {_one_line(error)}"
            ) from error


def discover() -> Registry:
    """Find every plugin, built in and installed, and return what they bring."""
    registry = Registry()
    for source in [*_built_in(), *_installed_plugins()]:
        registry.add(_inspect(source))
    return registry


def _built_in() -> Iterable[Source]:
    import nntasks.plugins

    for module in sorted(pkgutil.iter_modules(nntasks.plugins.__path__), key=lambda m: m.name):
        name = f"nntasks.plugins.{module.name}"
        yield Source(
            module.name, name, "built in", functools.partial(importlib.import_module, name)
        )


def _installed_plugins() -> Iterable[Source]:
    points = importlib.metadata.entry_points(group="nntasks")
    for point in sorted(points, key=lambda p: (p.name, p.value)):
        origin = f"{point.dist.name} {point.dist.version}" if point.dist else point.value
        yield Source(point.name, point.module, origin, point.load)


def _inspect(source: Source) -> Plugin:
    """Load one plugin and ask its hooks, turning whatever goes wrong into a reason."""
    entries: list[tuple[str, Entry]] = []
    try:
        loaded = source.load()
        entries = list(_ask(loaded))
        reason = "" if entries else _why_empty(loaded)
    except (Exception, SystemExit) as error:  # a plugin may fail in any way; that is its own affair
        reason = _one_line(error)
    return Plugin(source.name, source.origin, reason, tuple(entries), source.module)


def _ask(loaded: Any) -> Iterable[tuple[str, Entry]]:
    manager = pluggy.PluginManager("nntasks")
    manager.add_hookspecs(hookspecs)
    manager.register(loaded)
    manager.check_pending()  # a misspelt hook would otherwise be ignored
    for kind in KINDS:
        for implementation in getattr(manager.hook, f"register_{kind}").get_hookimpls():
            for entry in implementation.function():
                _check_entry(kind, entry)
                yield kind, entry


def _check_entry(kind: str, entry: Any) -> None:
    if not isinstance(entry, Entry):
        raise PluginError(f"register_{kind} must return Entry objects, got {type(entry).__name__}")
    module, colon, attribute = entry.target.partition(":")
    if not (module and colon and attribute):
        raise PluginError(
            f"entry {entry.name!r}: target must be 'module:attribute', got {entry.target!r}"
        )
    for what in ("tasks", "requires"):
        if isinstance(getattr(entry, what), str):
            raise PluginError(f"entry {entry.name!r}: {what} must be a tuple of names, got a text")


def _why_empty(loaded: Any) -> str:
    bare = [
        f"register_{kind}" for kind in KINDS if callable(getattr(loaded, f"register_{kind}", None))
    ]
    if bare:
        return f"{', '.join(bare)} returned no entry, or lacks the decorator @nntasks.hookimpl"
    hooks = ", ".join(f"register_{kind}" for kind in KINDS)
    return f"it implements no hook; expected one of {hooks}, decorated with @nntasks.hookimpl"


def _would_provide(plugin: Plugin, kind: str, name: str) -> bool:
    if any(k == kind and entry.name == name for k, entry in plugin.entries):
        return True
    if plugin.entries:
        return False
    # It never came to announce anything; its source still tells whether it knows the name.
    try:
        spec = importlib.util.find_spec(plugin.module)
        text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    except (ImportError, OSError, ValueError, AttributeError):
        return plugin.name == name
    return plugin.name == name or f'"{name}"' in text or f"'{name}'" in text


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
