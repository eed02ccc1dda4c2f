"""The keys that a run has stored, under the names that they have today."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nntasks.config import read_config_file
from nntasks.renaming import migrated


def read_keys(folder: Path) -> dict[str, Any]:
    """Return the content of a run's `config.yaml`, with present names; `task` is one of its keys.

    Names stay as stored if the plugin of the task is not installed.

    Raises:
        UsageError: the file cannot be read.
    """
    stored = read_config_file(folder / "config.yaml")
    return migrated(former_names(str(stored.get("task"))), stored)


def former_names(task: str) -> Mapping[str, str]:
    """Return the present name of each renamed key of a task, by its former name.

    They come from the plugin's entry, as importing the task itself takes seconds.
    """
    return _renamed_keys().get(task, {})


@functools.cache
def _renamed_keys() -> Mapping[str, Mapping[str, str]]:
    from nntasks.registry import discover

    return {entry.name: entry.renamed for entry in discover().entries("tasks") if entry.renamed}
