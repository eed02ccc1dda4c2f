"""A small core for neural-network tasks that come as plugins.

The names below are the whole public face; each is imported when it is first used, so that
`import nntasks` costs nothing and `nntasks.ops` can be used on its own.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

# `typing` is not imported: `python -m nntasks` comes here before it can forget the working
# directory, which may hold a typing.py of its own.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nntasks.config import Options, TaskConfig
    from nntasks.hookspecs import Entry, hookimpl
    from nntasks.interfaces import (
        Batch,
        CrossCheck,
        DataFile,
        DataInfo,
        Dataset,
        Metric,
        Model,
        Outcome,
        SourcePrediction,
        Split,
        Splits,
        Task,
    )
    from nntasks.runner import run

_HOMES = {
    "nntasks.interfaces": (
        "Batch",
        "CrossCheck",
        "DataFile",
        "DataInfo",
        "Dataset",
        "Metric",
        "Model",
        "Outcome",
        "SourcePrediction",
        "Split",
        "Splits",
        "Task",
    ),
    "nntasks.config": ("Options", "TaskConfig"),
    "nntasks.hookspecs": ("Entry", "hookimpl"),
    "nntasks.runner": ("run",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Batch",
    "CrossCheck",
    "DataFile",
    "DataInfo",
    "Dataset",
    "Entry",
    "Metric",
    "Model",
    "Options",
    "Outcome",
    "SourcePrediction",
    "Split",
    "Splits",
    "Task",
    "TaskConfig",
    "hookimpl",
    "run",
]


if __name__ == "core":  # the folder of a clone, imported by its own name
    from nntasks.clone import alias

    alias("core")


if not TYPE_CHECKING:  # a type checker would take every name for Any

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module 'nntasks' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
