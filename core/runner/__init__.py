"""Start, resume and re-evaluate runs; apply models to files.

`commands` has the calls behind the verbs, `session` the run itself, and `handle` the part that a
model sees.
"""

from __future__ import annotations

from nntasks.runner.commands import evaluate_run, resume, start
from nntasks.runner.logs import logger_classes
from nntasks.runner.result import RunResult
from nntasks.runner.shards import Shard, evaluate_shard, merge_shards
from nntasks.runner.task_making import make_task, task_of
from nntasks.runner.weights import final_weights

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
