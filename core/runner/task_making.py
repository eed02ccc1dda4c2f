"""Create a configured task from a name and keys, or from a run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntasks import contracts, renaming
from nntasks.config import Options, build, read_config_file
from nntasks.context import TaskContext, choose
from nntasks.datasets import DataStore
from nntasks.errors import UsageError
from nntasks.interfaces import Task
from nntasks.registry import Registry, discover
from nntasks.run_folder import RunFolder
from nntasks.seeding import Seeds


def make_task(name: str, layers: list[Mapping[str, Any]], registry: Registry | None = None) -> Task:
    """Resolve a task by name and configure it, with all checks that need no data."""
    registry = registry or discover()
    kind = contracts.task_class(registry, name)
    config = build(kind.Config, *(_keys_of(kind.Config, layer) for layer in layers))
    choices = choose(registry, name, config)
    store, seeds = DataStore.from_environment(), Seeds(config.seed)
    context = TaskContext(name, registry, store, seeds, choices)
    return contracts.make_task_object(registry, name, kind, config, context)


def _keys_of(schema: type[Options], layer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the keys of a layer; a run of an earlier version, known by its `task`, is migrated."""
    if "task" not in layer:
        return layer
    keys = renaming.migrated(schema.renamed, layer)
    del keys["task"]
    return keys


def stored_keys(folder: RunFolder) -> tuple[str, dict[str, Any]]:
    """Return the name of a run's task and the keys of its `config.yaml`.

    Raises:
        UsageError: the file names no task.
    """
    stored = read_config_file(folder.path / "config.yaml")
    if not isinstance(stored.get("task"), str):
        raise UsageError(f"{folder.path / 'config.yaml'} names no task; is it the folder of a run?")
    return stored["task"], stored


def task_of(folder: RunFolder) -> Task:
    """Return the task of a run with its stored configuration."""
    name, stored = stored_keys(folder)
    try:
        return make_task(name, [stored])
    except UsageError as error:
        raise UsageError(f"{folder.path / 'config.yaml'}: {error}") from error
