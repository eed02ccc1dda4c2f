"""Create a working plugin: a package to install, check and modify."""

from __future__ import annotations

import keyword
import os
import re
import secrets
import shutil
import sys
from pathlib import Path

from nntasks.errors import PluginError, UsageError

KINDS = ("task", "model", "metric", "dataset", "logger", "launcher")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TAKEN = frozenset(("nntasks", "core", "plugins", "tests", "test", "data", "src", "torch", "numpy"))
# Template -> file; further modules of a kind come with it.
_COMMON = {
    "pyproject.toml.jinja": "pyproject.toml",
    "README.md.jinja": "README.md",
    "test.py.jinja": "tests/test_{name}.py",
    "init.py.jinja": "{name}/__init__.py",
}
_MODULES = {
    "task": ("task", "task_data", "task_model", "task_metric"),
    "model": ("model",),
    "metric": ("metric",),
    "dataset": ("dataset",),
    "logger": ("logger",),
    "launcher": ("launcher",),
}


def write_package(name: str, kind: str, out: Path) -> Path:
    """Write a package with one entry of a kind; return its folder, `out`/`name`.

    Args:
        name: of the package, the plugin and the entry.
        kind: one of KINDS.
        out: where the package's folder is made; made itself where it is not there.

    Raises:
        UsageError: the name cannot be one, or something is there already.
    """
    _check_name(name)
    folder = out / name
    if os.path.lexists(folder):
        raise UsageError(f"{folder} already exists; choose another name or another --out")
    hidden = out / f".{name}.{secrets.token_hex(4)}.tmp"
    try:
        for file, text in _rendered(name, kind).items():
            (hidden / file).parent.mkdir(parents=True, exist_ok=True)
            (hidden / file).write_text(text, encoding="utf-8")
        os.rename(hidden, folder)
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror}; choose another --out"
        ) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return folder


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        hint = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_0123456789")
        near = f", such as {hint}" if _NAME.fullmatch(hint) else ""
        raise UsageError(
            f"NAME: expected 2 to 40 lower-case letters, digits and '_', a letter first, "
            f"got {name!r}; choose another{near}"
        )
    if keyword.iskeyword(name) or name in sys.stdlib_module_names or name in _TAKEN:
        raise UsageError(
            f"NAME: {name!r} would hide a module of that name; choose another, such as my_{name}"
        )
    from nntasks.registry import KINDS as ENTRIES
    from nntasks.registry import discover

    registry = discover()
    taken = [plugin.name for plugin in registry.plugins]
    taken += [entry.name for kind in ENTRIES for entry in registry.entries(kind)]
    if name in taken:
        raise UsageError(f"NAME: {name!r} is taken by an installed plugin; choose another")


def _rendered(name: str, kind: str) -> dict[str, str]:
    """Return the text of each file by its path in the package's folder."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nntasks.plugin_kit"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files = dict(_COMMON)
    for module in _MODULES[kind]:
        files[f"{module}.py.jinja"] = f"{{name}}/{module.removeprefix('task_')}.py"
    values = {
        "name": name,
        "kind": kind,
        "distribution": name.replace("_", "-"),
        "title": "".join(part.capitalize() for part in name.split("_")),
    }
    try:
        return {
            file.format(name=name): environment.get_template(template).render(values)
            for template, file in files.items()
        }
    except jinja2.TemplateNotFound as error:  # an install without its data files
        raise PluginError(f"the template {error} is missing; install nntasks again") from error
