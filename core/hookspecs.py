"""The hooks by which plugins announce what they bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pluggy

hookspec = pluggy.HookspecMarker("nntasks")
hookimpl = pluggy.HookimplMarker("nntasks")


@dataclass(frozen=True)
class Entry:
    """Something a plugin brings, by name, not imported before it is used.

    Attributes:
        name: what users type, e.g. "yolo_detect"; unique among entries of its kind.
        target: "module:attribute", imported when the entry is used.
        summary: one line for `list`.
        tasks: the tasks that a model, metric or data set serves.
        requires: optional packages (import names) without which the entry cannot be used.
    """

    name: str
    target: str
    summary: str
    tasks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


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
def register_datasets() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Return entries whose targets are subclasses of `nntasks.Dataset`."""
