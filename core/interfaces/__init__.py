"""The contracts between core and plugins: what a task, a model, a metric and a data set are.

Nothing here imports torch or NumPy, so a plugin in pure Python stays one.
"""

from __future__ import annotations

from nntasks.interfaces.choices import Choices
from nntasks.interfaces.data import Batch, DataFile, DataInfo, Dataset, Split, Splits
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import Model, RunHandle
from nntasks.interfaces.results import CrossCheck, GradientCheck, Outcome, SourcePrediction
from nntasks.interfaces.task import Surroundings, Task

__all__ = [
    "Batch",
    "Choices",
    "CrossCheck",
    "DataFile",
    "DataInfo",
    "Dataset",
    "GradientCheck",
    "Metric",
    "Model",
    "Outcome",
    "RunHandle",
    "SourcePrediction",
    "Split",
    "Splits",
    "Surroundings",
    "Task",
]
