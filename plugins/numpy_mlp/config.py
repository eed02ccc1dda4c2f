"""The configuration of `numpy_mlp`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nntasks.config import Integers
from nntasks.plugins.numpy_mlp import RENAMED
from nntasks.training.config import ScheduleConfig


class NumpyConfig(ScheduleConfig):
    """The keys of `numpy_mlp`; the defaults suit the small digits."""

    defaults = {
        "data": "digits",
        "model": "mlp",
        "metrics": ("classification",),
        "epochs": 40,
        "batch_size": 64,
        "lr": 0.01,
        "weight_decay": 1e-4,
        "schedule": "one_cycle",
        "evaluation_batch": 500,
    }
    renamed = RENAMED

    device: Literal["auto", "cpu"] = Field(
        "auto", description="where to compute; NumPy runs on the CPU only"
    )
    # the network
    hidden_sizes: Integers = Field(
        (256, 128),
        min_length=0,
        description="number of units in each hidden layer, such as 256,128; for model=mlp",
    )
    activation: Literal["relu", "sigmoid", "tanh"] = Field(
        "relu", description="activation after each layer"
    )
    init: Literal["zeros", "normal", "xavier", "he"] = Field(
        "he", description="initialisation of the weights"
    )
    batch_norm: bool = Field(True, description="batch normalisation before each activation")
    dropout: float = Field(0.2, ge=0, lt=1, description="dropout probability in training")
    feedback: Literal["backpropagation", "alignment"] = Field(
        "backpropagation", description="how linear layers propagate gradients"
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="floating-point precision")
    # training
    standardise: bool = Field(
        True, description="shift and scale inputs to mean 0 and standard deviation 1"
    )
    optimizer: Literal["sgd", "adam"] = Field("adam", description="optimiser")
    max_norm: float = Field(
        0.0, ge=0, description="largest norm of a unit's input weights; 0 for no limit"
    )
    average: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="decay of the weight average that is saved (Polyak); 0 for none",
    )
    shift: float = Field(
        0.5,
        ge=0,
        le=8,
        description="largest random shift of training pictures, in pixels",
    )
