"""A small core for neural-network tasks that come as plugins.

The names below are the whole public face; each is imported when it is first used, so that
`import core` costs nothing and `core.ops` can be used on its own.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from core.config import Options, TaskConfig
    from core.hookspecs import Entry, hookimpl
    from core.interfaces import (
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
    from core.runner import run

_HOMES = {
    "core.interfaces": (
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
    "core.config": ("Options", "TaskConfig"),
    "core.hookspecs": ("Entry", "hookimpl"),
    "core.runner": ("run",),
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


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
