"""The stored configuration of a run, independent of the working directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nntasks.config import flatten, map_paths, path_keys
from nntasks.interfaces import Task


def stored_config(task: Task) -> dict[str, Any]:
    """Return the keys of a task for config.yaml, with absolute paths."""
    flat = flatten(task.config)
    config, choices = task.config, task.context.choices
    for key in path_keys(type(config)):
        flat[key] = map_paths(_absolute, flat[key])
    for group, options in (("data", choices.dataset_options), ("model", choices.model_options)):
        given = getattr(config, f"{group}_options")
        if not given or options is None:
            continue
        values = options.model_dump(mode="json")
        for key in path_keys(type(options)):
            if key in given:
                flat[f"{group}.{key}"] = map_paths(_absolute, values[key])
    return flat


def _absolute(path: Path) -> Path:
    return path.absolute()
