"""The interfaces between core and plugins: Task, Model, Metric, Dataset and their data types.

Nothing here imports torch or NumPy, so plugins in pure Python need neither.
"""

from __future__ import annotations

from nntasks.interfaces.choices import Choices
from nntasks.interfaces.data import Batch, DataFile, DataInfo, Dataset, Split, Splits
from nntasks.interfaces.metric import Metric
from nntasks.interfaces.model import LossSum, Model, RunHandle
from nntasks.interfaces.results import CrossCheck, GradientCheck, Outcome, SourcePrediction
from nntasks.interfaces.task import Context, Task

__all__ = [
    "Batch",
    "Choices",
    "Context",
    "CrossCheck",
    "DataFile",
    "DataInfo",
    "Dataset",
    "GradientCheck",
    "LossSum",
    "Metric",
    "Model",
    "Outcome",
    "RunHandle",
    "SourcePrediction",
    "Split",
    "Splits",
    "Task",
]
