"""Start, resume and re-evaluate runs; apply models to files.

`starting` has the entry points, `session` the run itself, and `handle` the part a model sees.
"""

from __future__ import annotations

from nntasks.runner.result import RunResult
from nntasks.runner.starting import evaluate_run, resume, start
from nntasks.runner.task_making import make_task, task_of
from nntasks.runner.weights import final_weights

__all__ = [
    "RunResult",
    "evaluate_run",
    "final_weights",
    "make_task",
    "resume",
    "start",
    "task_of",
]
