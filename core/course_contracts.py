"""Checks of the exercises and notebooks that plugins return, as `contracts` does for the rest."""

from __future__ import annotations

from pathlib import Path

from nntasks.errors import NNTasksError
from nntasks.interfaces.exercises import Exercise
from nntasks.registry import Registry


def exercise(registry: Registry, name: str) -> Exercise:
    """Return an exercise by name.

    Raises:
        UsageError: unknown name.
        PluginError: it is not an Exercise, or lacks an attribute or a method.
    """
    found = registry.resolve("exercises", name)
    if not (isinstance(found, type) and issubclass(found, Exercise)):
        problem = f"must be a subclass of nntasks.Exercise, got {found!r}"
        raise registry.blame("exercises", name, problem)
    lacking = sorted(found.__abstractmethods__)
    lacking += [what for what in ("assignment", "reference") if not hasattr(found, what)]
    if lacking:
        problem = f"lacks {', '.join(lacking)}, which class {found.__name__} must define"
        raise registry.blame("exercises", name, problem)
    try:
        made: Exercise = found()
    except NNTasksError:
        raise
    except Exception as error:  # a plugin may fail in any way
        problem = f"cannot be made: {type(error).__name__}: {' '.join(str(error).split())}"
        raise registry.blame("exercises", name, problem) from error
    return made


def notebook(registry: Registry, name: str) -> Path:
    """Return the source of a notebook by name.

    Raises:
        UsageError: unknown name.
        PluginError: its target returns no path of a file.
    """
    found = registry.resolve("notebooks", name)
    try:
        path = found()
    except Exception as error:  # a plugin may fail in any way
        problem = f"cannot be found: {type(error).__name__}: {' '.join(str(error).split())}"
        raise registry.blame("notebooks", name, problem) from error
    if not (isinstance(path, Path) and path.is_file()):
        raise registry.blame("notebooks", name, f"must return the path of a file, got {path!r}")
    return path
