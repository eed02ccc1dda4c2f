"""The default vectors: a short training on the corpus with planted relations.

Only this file depends on the task that trains them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntasks.interfaces import DataInfo, RunHandle, Split, Task
from nntasks.plugins.embeddings.safetensors_format import from_arrays
from nntasks.plugins.embeddings.vectors import KeyedVectors
from nntasks.runner import make_task

TRAINED_BY = "word2vec"


def training_task(data: str, data_options: Mapping[str, Any], seed: int) -> Task:
    """Return a task that trains vectors within seconds on a text with questions."""
    keys = {"data": data, "data_options": dict(data_options), "seed": seed}
    return make_task(TRAINED_BY, [keys])


def train_vectors(task: Task, train: Split, info: DataInfo, run: RunHandle) -> KeyedVectors:
    """Train vectors within `run` and return them.

    Progress, curves, checkpoints and files belong to the run, which can be stopped and resumed.
    """
    model = task.build_model(info)
    model.fit(train, validation=None, run=run)
    return from_arrays(model.state())
