"""Start, resume and re-evaluate runs; apply models to files.

`commands` has the calls behind the verbs, `session` the run itself, and `handle` the part that a
model sees. The names below are imported on first use: `predict` needs none of the training.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nntasks.runner.commands import evaluate_run, resume, start
    from nntasks.runner.logs import logger_classes
    from nntasks.runner.result import RunResult
    from nntasks.runner.shards import Shard, evaluate_shard, merge_shards
    from nntasks.runner.task_making import make_task, task_of
    from nntasks.runner.weights import final_weights

_HOME_OF = {
    "RunResult": "result",
    "Shard": "shards",
    "evaluate_run": "commands",
    "evaluate_shard": "shards",
    "final_weights": "weights",
    "logger_classes": "logs",
    "make_task": "task_making",
    "merge_shards": "shards",
    "resume": "commands",
    "start": "commands",
    "task_of": "task_making",
}

__all__ = [
    "RunResult",
    "Shard",
    "evaluate_run",
    "evaluate_shard",
    "final_weights",
    "logger_classes",
    "make_task",
    "merge_shards",
    "resume",
    "start",
    "task_of",
]


if not TYPE_CHECKING:  # otherwise a type checker would treat every name as Any

    def __getattr__(name: str) -> Any:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
