"""Where plugins come from: the packages of `nntasks.plugins`, and installed distributions.

Entry points are read per distribution and line by line. Python's own reader returns all of them or
none, so one malformed file of one package would hide every plugin.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nntasks.registry.plugin import BUILT_IN, one_line

GROUP = "nntasks"
_OBJECT = re.compile(r"(?P<module>\w+(\.\w+)*)\s*(:\s*(?P<attr>\w+(\.\w+)*))?\s*(\[.*\])?")


@dataclass(frozen=True)
class Source:
    """A plugin that is declared but not loaded yet.

    Attributes:
        name: of the plugin.
        module: its import name.
        origin: "built in", or the distribution and its version.
        load: imports it.
        problem: why it cannot be loaded; empty if nothing is known to be wrong.
    """

    name: str
    module: str
    origin: str
    load: Callable[[], Any]
    problem: str = ""


def built_in() -> Iterator[Source]:
    """Yield the built-in plugins, by name."""
    import nntasks.plugins

    for module in sorted(pkgutil.iter_modules(nntasks.plugins.__path__), key=lambda m: m.name):
        name = f"nntasks.plugins.{module.name}"
        yield Source(module.name, name, BUILT_IN, functools.partial(importlib.import_module, name))


def installed() -> list[Source]:
    """Return the plugins of installed distributions, by name."""
    found: dict[tuple[str, str], list[Source]] = {}
    for distribution in importlib.metadata.distributions():
        lines = _announcements(distribution)
        if not lines:
            continue
        identity, origin, problem = _identity(distribution)
        # Of two distributions of one name the first on the path is the one that Python imports.
        found.setdefault(identity, [_source(line, origin, problem) for line in lines])
    sources = [source for group in found.values() for source in group]
    return sorted(sources, key=lambda source: (source.name, source.module))


def _announcements(distribution: importlib.metadata.Distribution) -> list[str]:
    """Return the lines `name = module` of our group."""
    try:
        text = distribution.read_text("entry_points.txt") or ""
    except UnicodeDecodeError as error:  # a line with a replaced character is malformed, no other
        text = error.object.decode("utf-8", "replace")
    lines: list[str] = []
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and line and not line.startswith(("#", ";")):
            lines.append(line)
    return lines


def _identity(
    distribution: importlib.metadata.Distribution,
) -> tuple[tuple[str, str], str, str]:
    """Return the key of a distribution, its displayed name, and what is wrong with it."""
    place = str(distribution.locate_file(""))
    try:
        told = distribution.metadata  # of a missing key newer Pythons warn, and later ones raise
        name, version = (told.get_all(key, [""])[0] for key in ("Name", "Version"))
        problem = "" if name and version else "it has no name or no version"
    except Exception as error:  # missing, not UTF-8, not readable: whatever the file holds
        problem = one_line(error)
    if problem:
        return (
            (place, problem),
            f"a package in {place}",
            f"the METADATA of its package cannot be read ({problem}); install the package again",
        )
    return ("", re.sub(r"[-_.]+", "-", name).lower()), f"{name} {version}", ""


def _source(line: str, origin: str, problem: str) -> Source:
    name, equals, value = (part.strip() for part in line.partition("="))
    match = _OBJECT.fullmatch(value)
    if not (name and equals and match):
        problem = _malformed(line, value)
    point = importlib.metadata.EntryPoint(name, value, GROUP)
    return Source(name or line, match["module"] if match else "", origin, point.load, problem)


def _malformed(line: str, value: str) -> str:
    hint = ""
    if "-" in value:
        hint = f"; a module's name has no hyphen, so perhaps {value.replace('-', '_')!r}"
    return f"malformed entry point {line!r}: expected name = module or name = module:object{hint}"
