"""Loggers: copies of a run's numbers and pictures in TensorBoard, MLflow and Weights & Biases."""

from __future__ import annotations

from nntasks import Entry, hookimpl

_HOME = "nntasks.plugins.loggers"


@hookimpl
def register_loggers() -> list[Entry]:
    return [
        Entry(
            "tensorboard",
            f"{_HOME}.tensorboard_log:TensorBoardLogger",
            "event files in the run's folder, for tensorboard --logdir",
            requires=("tensorboard",),
        ),
        Entry(
            "mlflow",
            f"{_HOME}.mlflow_log:MLflowLogger",
            "a database in the run's folder, or the server of MLFLOW_TRACKING_URI",
            requires=("mlflow",),
        ),
        Entry(
            "wandb",
            f"{_HOME}.wandb_log:WandbLogger",
            "Weights & Biases, offline in the run's folder unless WANDB_MODE says otherwise",
            requires=("wandb",),
        ),
    ]
