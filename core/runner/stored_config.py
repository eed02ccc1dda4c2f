"""The configuration of a run as its folder keeps it: true wherever one stands later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nntasks.config import build, flatten, map_paths, path_keys
from nntasks.interfaces import Task


def stored_config(task: Task) -> dict[str, Any]:
    """Return the keys of a task for config.yaml, every path in them absolute."""
    flat = flatten(task.config)
    config, context = task.config, task.context
    for key in path_keys(type(config)):
        flat[key] = map_paths(_absolute, flat[key])
    named = {
        "data": context.dataset_class(config),
        "model": context.registry.resolve("models", config.model, task=context.task),
    }
    for group, kind in named.items():
        given, schema = getattr(config, f"{group}_options"), getattr(kind, "Config", None)
        if not given or schema is None:
            continue
        options = build(schema, given, prefix=f"{group}.").model_dump(mode="json")
        for key in path_keys(schema):
            if key in given:
                flat[f"{group}.{key}"] = map_paths(_absolute, options[key])
    return flat


def _absolute(path: Path) -> Path:
    return path.absolute()
