"""Load a plugin and call its hooks; any error becomes a one-line reason."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pluggy

from nntasks import hookspecs
from nntasks.errors import PluginError, did_you_mean
from nntasks.hookspecs import Entry
from nntasks.registry.plugin import KINDS, OF_TASKS, Plugin, one_line
from nntasks.registry.sources import Source

HOOKS = {f"register_{kind}": kind for kind in KINDS}
MOST_ENTRIES = 10_000  # a hook with more entries is considered endless
_NAME = re.compile(r"[\w.+-]+")
_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def inspect_plugin(source: Source) -> Plugin:
    """Load a plugin and collect the entries of its hooks; a broken plugin gets a reason."""
    entries: list[tuple[str, Entry]] = []
    reason = source.problem
    if not reason:
        try:
            entries.extend(_announced(source.load()))  # keep the entries before a wrong one
        except (Exception, SystemExit) as error:  # a plugin may fail in any way
            reason = one_line(error)
    return Plugin(source.name, source.origin, reason, tuple(entries), source.module, not reason)


def _announced(loaded: Any) -> Iterator[tuple[str, Entry]]:
    """Yield (kind, entry) pairs."""
    functions = _hook_functions(loaded)
    if not functions:
        raise PluginError(_why_empty(loaded))
    manager = pluggy.PluginManager("nntasks")
    manager.add_hookspecs(hookspecs)
    manager.register(loaded)
    count = 0
    for hook, kind in HOOKS.items():
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            for entry in _answers(hook, implementation.function):
                _check_entry(hook, kind, entry)
                yield kind, entry
                count += 1
    if not count:
        raise PluginError(f"{', '.join(functions)} returned no entry")


def _hook_functions(loaded: Any) -> list[str]:
    """Return the names of the hooks that a plugin implements.

    Raises:
        PluginError: one is misspelt, lacks its decorator or takes arguments. pluggy would ignore
            the first two, or report them in its own words.
    """
    found = []
    for name in dir(loaded):
        function = getattr(loaded, name, None)
        marked = callable(function) and hasattr(function, "nntasks_impl")
        if marked and name not in HOOKS:
            hint = did_you_mean(name, HOOKS) or f" The hooks are {', '.join(HOOKS)}."
            raise PluginError(
                f"{name} is decorated with @nntasks.hookimpl, but is not a hook.{hint}"
            )
        if name in HOOKS and not marked:
            raise PluginError(f"{name} lacks the decorator @nntasks.hookimpl")
        if marked and function is not None:
            _check_arguments(name, function)
            found.append(name)
    return found


def _check_arguments(name: str, function: Callable[..., Any]) -> None:
    signature = inspect.signature(function)
    try:
        signature.bind()
    except TypeError:
        raise PluginError(f"{name} must take no arguments, but is {name}{signature}") from None


def _why_empty(loaded: Any) -> str:
    near = [
        f"{name}.{did_you_mean(name, HOOKS)}"
        for name in dir(loaded)
        if name.startswith("register") and did_you_mean(name, HOOKS)
    ]
    but = f"; it has {' '.join(near)}" if near else ""
    hooks = ", ".join(HOOKS)
    return f"it implements no hook: expected one of {hooks}, decorated with @nntasks.hookimpl{but}"


def _answers(hook: str, function: Callable[[], Any]) -> Iterator[Any]:
    """Yield the entries of a hook; raise if it returns no iterable or fails half-way."""
    try:
        answer = function()
    except (Exception, SystemExit) as error:
        raise PluginError(f"{hook} failed: {one_line(error)}") from error
    if isinstance(answer, Entry):
        raise PluginError(
            f"{hook} must return a list of Entry objects, got one Entry; return [Entry(...)]"
        )
    if not isinstance(answer, Iterable) or isinstance(answer, (str, bytes, Mapping)):
        got = "None" if answer is None else type(answer).__name__
        raise PluginError(f"{hook} must return a list of Entry objects, got {got}")
    answers = iter(answer)
    for count in range(MOST_ENTRIES):
        try:
            entry = next(answers)
        except StopIteration:
            return
        except (Exception, SystemExit) as error:
            after = "entry" if count == 1 else "entries"
            raise PluginError(f"{hook} failed after {count} {after}: {one_line(error)}") from error
        yield entry
    raise PluginError(f"{hook} announces more than {MOST_ENTRIES} entries; does it ever end?")


def _check_entry(hook: str, kind: str, entry: Any) -> None:
    if not isinstance(entry, Entry):
        raise PluginError(f"{hook} must return Entry objects, got {type(entry).__name__}")
    who = f"{hook}, entry {entry.name!r}"
    if not (isinstance(entry.name, str) and _NAME.fullmatch(entry.name)):
        raise PluginError(
            f"{who}: expected a name of letters, digits, '_', '-', '+' and '.'; users type it"
        )
    if not (isinstance(entry.target, str) and _TARGET.fullmatch(entry.target)):
        raise PluginError(f"{who}: target must be 'module:attribute', got {entry.target!r}")
    for what in ("scorer", "comparison"):
        value = getattr(entry, what)
        if value and not (isinstance(value, str) and _TARGET.fullmatch(value)):
            raise PluginError(f"{who}: {what} must be 'module:attribute', got {value!r}")
    if not isinstance(entry.summary, str):
        raise PluginError(f"{who}: summary must be one line of text, got {entry.summary!r}")
    for what in ("tasks", "requires"):
        value = getattr(entry, what)
        if not isinstance(value, (tuple, list)) or not all(isinstance(n, str) for n in value):
            raise PluginError(f"{who}: {what} must be a tuple of names, got {value!r}")
    if not isinstance(entry.renamed, Mapping):
        raise PluginError(f"{who}: renamed must be a mapping of names, got {entry.renamed!r}")
    if kind in OF_TASKS and not entry.tasks:
        raise PluginError(f"{who}: it serves no task; say which, as tasks=('cnn_classify',)")
