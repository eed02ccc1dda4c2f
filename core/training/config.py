"""The keys of training: of every loop, of schedules, and of torch modules."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from nntasks.config import TaskConfig


class LoopConfig(TaskConfig):
    """Keys of `nntasks.training.epochs`."""

    epochs: int = Field(10, ge=0, le=100_000, description="passes over the training split")
    patience: int = Field(
        0, ge=0, description="epochs without improvement before early stopping; 0 to disable"
    )
    validate_every: int = Field(1, ge=0, description="epochs between validations; 0 for none")
    evaluation_batch: int = Field(
        32, ge=1, le=65_536, description="samples per batch in evaluation"
    )
    checkpoint_seconds: float = Field(30.0, ge=0, description="time between checkpoints, in s")


class ScheduleConfig(LoopConfig):
    """Keys of a network's update rule and of `nntasks.training.schedules`."""

    batch_size: int = Field(
        32, ge=1, le=65_536, description="samples per optimiser step, over all processes"
    )
    lr: float = Field(0.01, gt=0, le=100, description="peak learning rate")
    momentum: float = Field(
        0.9, ge=0, lt=1, description="momentum of sgd, muon; beta1 of adam, adamw"
    )
    nesterov: bool = Field(True, description="Nesterov momentum in sgd")
    weight_decay: float = Field(
        5e-4, ge=0, le=1, description="weight decay; biases and norms are exempt"
    )
    schedule: Literal["constant", "linear", "cosine", "step", "one_cycle", "plateau"] = Field(
        "cosine", description="learning-rate schedule after the warm-up"
    )
    lr_final: float = Field(
        0.01, ge=0, le=1, description="learning rate at the end, as a share of the peak"
    )
    warmup_epochs: float = Field(0.0, ge=0, le=1000, description="epochs of linear rise from zero")
    step_epochs: int = Field(30, ge=1, description="epochs between drops of schedule=step")
    step_factor: float = Field(
        0.1, gt=0, lt=1, description="factor of each drop of schedule=step or plateau"
    )
    plateau_epochs: int = Field(
        5, ge=1, description="epochs without improvement before schedule=plateau drops"
    )
    pretrained: Path | None = Field(None, description="file or run with initial weights")


class TrainingConfig(ScheduleConfig):
    """Keys of training a torch module (`nntasks.training.torch_trainer`)."""

    accumulate: int = Field(
        1, ge=1, le=1024, description="pieces per batch, computed in sequence to save memory"
    )
    replicas: int = Field(
        1,
        ge=1,
        le=256,
        description="pieces per batch, computed in parallel, one thread each; batch norm sees one "
        "piece; 1 leaves the threads to torch",
    )
    deterministic: Literal["machine", "threads"] = Field(
        "machine",
        description="where training repeats to the last bit: machine, on the same machine with the "
        "same number of threads; threads, with any number of threads (one per replica)",
    )
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = Field("sgd", description="update rule")
    beta2: float = Field(
        0.999, ge=0, lt=1, description="decay of the mean squared gradient of adam, adamw, muon"
    )
    muon_rows: int = Field(
        0,
        ge=0,
        description="matrices with more rows and columns use adamw instead of muon; 0 for no limit",
    )
    clip: float = Field(10.0, ge=0, description="largest norm of the gradient; 0 for no clipping")
    ema: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="decay of the exponential moving average of weights; 0 for none",
    )
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="arithmetic of the forward pass (mixed precision)"
    )
    workers: int = Field(
        0, ge=0, le=256, description="worker processes that prepare batches; 0 for none"
    )
