"""Recipes: YAML files of keys that a plugin brings beside its task, found by name.

A recipe is for `run --config`, a ladder (it has `rungs`) for `ablate --ladder`. Both are found
wherever the plugin is installed, so a wheel needs no path.
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from pathlib import Path

from nntasks import contracts
from nntasks.config import read_config_file
from nntasks.errors import UsageError, did_you_mean
from nntasks.interfaces import Task
from nntasks.registry import discover

SUFFIX = ".yaml"


@dataclass(frozen=True)
class Recipe:
    """A recipe of a task.

    Attributes:
        name: for `--config` or `--ladder`.
        path: the file.
        summary: the first line of the file, a comment.
        is_ladder: whether it is for `ablate --ladder`.
    """

    name: str
    path: Path
    summary: str
    is_ladder: bool


def recipes_of(kind: type[Task]) -> list[Recipe]:
    """Return the recipes in the package of a task's class, by name."""
    package = kind.__module__.rpartition(".")[0]
    folder = Path(str(importlib.resources.files(package))) if package else Path(kind.__module__)
    return [_recipe(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def find_recipe(task: str, given: Path, *, ladder: bool = False) -> Path:
    """Return the file that `--config` or `--ladder` means: a path, or a recipe's name.

    A file in the working folder comes before a recipe of the same name.

    Raises:
        UsageError: it is a plain name, and neither a file nor a recipe; lists the recipes.
    """
    if given.exists() or len(given.parts) != 1 or given.suffix:
        return given  # reading it reports the error
    kind = contracts.task_class(discover(), task)
    known = {recipe.name: recipe for recipe in recipes_of(kind) if recipe.is_ladder == ladder}
    if str(given) in known:
        return known[str(given)].path
    what = "ladder" if ladder else "recipe"
    listed = did_you_mean(str(given), known) or f" It has {', '.join(known) or 'none'}."
    raise UsageError(f"{task} has no {what} {str(given)!r}, and there is no such file.{listed}")


def _recipe(path: Path) -> Recipe:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    summary = first.removeprefix("#").strip().rstrip(":.") if first.startswith("#") else ""
    return Recipe(path.stem, path, summary, "rungs" in read_config_file(path))
