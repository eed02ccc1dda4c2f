"""A small core for neural-network tasks that come as plugins.

The names below are the public API. Each is imported on first use, so that `import nntasks` is fast
and `nntasks.ops` works on its own.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

# Do not import `typing`: `python -m nntasks` runs this before it removes the working directory from
# the search path, and that directory may contain a typing.py.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nntasks.api import (
        Result,
        ablate,
        compare,
        evaluate,
        explain,
        load,
        run,
        runs,
        score,
        tune,
        verify,
    )
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
    from nntasks.interfaces.exercises import Check, Exercise, Miss
    from nntasks.interfaces.launcher import Command, Job, Launcher
    from nntasks.interfaces.logger import LoggedRun, Logger
    from nntasks.interfaces.scoring import FoundScores, Scorer, Scores

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
    "nntasks.interfaces.exercises": ("Check", "Exercise", "Miss"),
    "nntasks.interfaces.logger": ("LoggedRun", "Logger"),
    "nntasks.interfaces.launcher": ("Command", "Job", "Launcher"),
    "nntasks.interfaces.scoring": ("FoundScores", "Scorer", "Scores"),
    "nntasks.config": ("Options", "TaskConfig"),
    "nntasks.hookspecs": ("Entry", "hookimpl"),
    "nntasks.api": (
        "Result",
        "ablate",
        "compare",
        "evaluate",
        "explain",
        "load",
        "run",
        "runs",
        "score",
        "tune",
        "verify",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Batch",
    "Check",
    "Command",
    "CrossCheck",
    "DataFile",
    "DataInfo",
    "Dataset",
    "Entry",
    "Exercise",
    "FoundScores",
    "Job",
    "Launcher",
    "LoggedRun",
    "Logger",
    "Metric",
    "Miss",
    "Model",
    "Options",
    "Outcome",
    "Result",
    "Scorer",
    "Scores",
    "SourcePrediction",
    "Split",
    "Splits",
    "Task",
    "TaskConfig",
    "ablate",
    "compare",
    "evaluate",
    "explain",
    "hookimpl",
    "load",
    "run",
    "runs",
    "score",
    "tune",
    "verify",
]


if __name__ == "core":  # a clone, imported by the name of its folder
    from nntasks.clone import alias

    alias("core")


if not TYPE_CHECKING:  # otherwise a type checker would treat every name as Any

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module 'nntasks' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
