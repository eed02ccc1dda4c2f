"""Every key of `numpy_mlp`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from nntasks.config import Integers, Names
from nntasks.training.config import ScheduleConfig


class NumpyConfig(ScheduleConfig):
    """Keys of the network in NumPy; the defaults are for the small digits."""

    data: str = Field("digits", description="name of the data set")
    model: str = Field("mlp", description="name of the model")
    metrics: Names = Field(("classification",), description="names of the metrics, by commas")
    device: Literal["auto", "cpu"] = Field(
        "auto", description="where to compute: NumPy has the CPU"
    )
    # the network
    layers: Integers = Field(
        (128, 64),
        min_length=0,
        description="units of the hidden layers, such as 256,128; model=mlp",
    )
    activation: Literal["relu", "sigmoid", "tanh"] = Field("relu", description="after each layer")
    init: Literal["zeros", "normal", "xavier", "he"] = Field("he", description="start of weights")
    batch_norm: bool = Field(True, description="normalise batches before each activation")
    dropout: float = Field(0.25, ge=0, lt=1, description="share of numbers dropped in training")
    feedback: Literal["backpropagation", "alignment"] = Field(
        "backpropagation", description="how gradients go back through linear layers"
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="precision of all numbers")
    # training
    epochs: int = Field(40, ge=0, le=100_000, description="passes over the training split")
    batch_size: int = Field(64, ge=1, le=65_536, description="samples per step")
    optimizer: Literal["sgd", "adam"] = Field("adam", description="update rule")
    lr: float = Field(0.01, gt=0, le=100, description="peak learning rate")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum of sgd; beta1 of adam")
    nesterov: bool = Field(True, description="look ahead in sgd")
    weight_decay: float = Field(
        1e-4, ge=0, le=1, description="decay of weights, apart from the gradient; not of biases"
    )
    max_norm: float = Field(
        0.0, ge=0, description="largest norm of the weights into a unit; 0 for no limit"
    )
    schedule: Literal["constant", "linear", "cosine", "step", "one_cycle"] = Field(
        "one_cycle", description="how the learning rate moves after the warm-up"
    )
    average: float = Field(
        0.0, ge=0, lt=1, description="decay of averaged weights that are kept (Polyak); 0 for none"
    )
    shift: int = Field(
        0, ge=0, le=8, description="most pixels by which training pictures are moved at random"
    )
    evaluation_batch: int = Field(500, ge=1, le=65_536, description="samples per prediction")
    validate_every: int = Field(1, ge=0, description="epochs between validations; 0 for none")
    checkpoint_seconds: float = Field(30.0, ge=0, description="time between checkpoints, in s")
    pretrained: Path | None = Field(
        None, description="file or run whose weights training starts from"
    )
