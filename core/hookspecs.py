"""The hooks through which plugins register their entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pluggy

hookspec = pluggy.HookspecMarker("nntasks")
hookimpl = pluggy.HookimplMarker("nntasks")


@dataclass(frozen=True)
class Entry:
    """An entry of a plugin, imported when it is first used.

    Attributes:
        name: the name that users type, such as "yolo_detect"; unique within its kind.
        target: "module:attribute", imported when the entry is used.
        summary: one line for `nntasks list`.
        tasks: the tasks that a model, metric, data set, exercise or notebook serves.
        requires: the import names of optional packages that the entry needs.
        scorer: "module:attribute" of a task's `nntasks.Scorer`, for the verb `score`; may be empty.
        comparison: "module:function" of a task for the verb `compare`; may be empty. The function
            gets the folders of finished runs by variant, and returns `nntasks.Table` objects.
        renamed: `renamed` of a task's Config, for verbs that read runs without importing the task.
    """

    name: str
    target: str
    summary: str
    tasks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    scorer: str = ""
    comparison: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict, hash=False)


@hookspec
def register_tasks() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Task`."""


@hookspec
def register_models() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets build a `nntasks.Model` from (config, info, seeds)."""


@hookspec
def register_metrics() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets build a `nntasks.Metric` from (config, info)."""


@hookspec
def register_launchers() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Launcher`."""


@hookspec
def register_datasets() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Dataset`."""


@hookspec
def register_exercises() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Exercise`."""


@hookspec
def register_notebooks() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets return the path of a notebook's source, a Markdown file."""


@hookspec
def register_loggers() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Logger`."""
