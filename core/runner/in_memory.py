"""Train a model on data in memory, without a run that is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nntasks import contracts
from nntasks.context import TaskContext
from nntasks.errors import Diverged, Interrupted, RunFailed
from nntasks.interfaces import Model, Splits, Task
from nntasks.machine.distributed import ALONE
from nntasks.run_folder import RunFolder
from nntasks.runner.handle import Run
from nntasks.runner.weights import starting_model


def holding(task: Task, splits: Splits) -> Task:
    """Return a task whose data are in memory.

    Args:
        task: configured.
        splits: as a data set of the task gives them.
    """
    assert isinstance(task.context, TaskContext)
    return type(task)(task.config, task.context.holding(splits))


def train(task: Task, *, validate: bool) -> tuple[Model, list[dict[str, Any]]]:
    """Train a model on the data of a task; the run's folder is a temporary one.

    Args:
        task: with its data (see `holding`).
        validate: whether to measure the model on the validation split after each epoch.

    Returns:
        the model, and the rows of training.

    Raises:
        RunFailed: a value was not finite.
        KeyboardInterrupt: the user stopped it.
    """
    splits = contracts.load_data(task)
    model, trained = starting_model(task, splits, None)
    metrics = contracts.task_metrics(task, splits.info)
    batch = int(getattr(task.config, "evaluation_batch", 32))
    with tempfile.TemporaryDirectory(prefix="nntasks-") as name:
        folder = RunFolder(Path(name))
        folder.checkpoints.mkdir()
        run = Run(folder, task.context.seeds, ALONE, metrics, task.headline, batch, quiet=True)
        try:
            if not trained:
                model.fit(splits.train, validation=splits.validation if validate else None, run=run)
        except Diverged as error:
            cause = error.accident
            raise RunFailed(
                f"{cause['what']} at {cause['at']}, learning rate {cause['lr']:.3g}; try a lower lr"
            ) from None
        except Interrupted:
            raise KeyboardInterrupt from None
        return model, folder.history
