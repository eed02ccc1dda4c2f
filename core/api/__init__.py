"""The verbs as Python calls, for scripts and notebooks.

`calls` has a function for each verb, `result` what a run returns; the other modules are what the
results show.
"""

from __future__ import annotations

from nntasks.api.calls import ablate, compare, evaluate, explain, load, run, score, tune, verify
from nntasks.api.listing import Runs, runs
from nntasks.api.predictions import Prediction, Predictions
from nntasks.api.pruned import Pruned
from nntasks.api.result import Result
from nntasks.api.rows import Rows

__all__ = [
    "Prediction",
    "Predictions",
    "Pruned",
    "Result",
    "Rows",
    "Runs",
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
]
