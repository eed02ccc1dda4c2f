"""Every key of `numpy_mlp`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nntasks.config import Integers
from nntasks.training.config import ScheduleConfig


class NumpyConfig(ScheduleConfig):
    """Keys of the network in NumPy; the defaults are for the small digits."""

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

    device: Literal["auto", "cpu"] = Field(
        "auto", description="where to compute: NumPy has the CPU"
    )
    # the network
    layers: Integers = Field(
        (256, 128),
        min_length=0,
        description="units of the hidden layers, such as 256,128; model=mlp",
    )
    activation: Literal["relu", "sigmoid", "tanh"] = Field("relu", description="after each layer")
    init: Literal["zeros", "normal", "xavier", "he"] = Field("he", description="start of weights")
    batch_norm: bool = Field(True, description="normalise batches before each activation")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of numbers dropped in training")
    feedback: Literal["backpropagation", "alignment"] = Field(
        "backpropagation", description="how gradients go back through linear layers"
    )
    dtype: Literal["float32", "float64"] = Field("float32", description="precision of all numbers")
    # training
    optimizer: Literal["sgd", "adam"] = Field("adam", description="update rule")
    max_norm: float = Field(
        0.0, ge=0, description="largest norm of the weights into a unit; 0 for no limit"
    )
    average: float = Field(
        0.0, ge=0, lt=1, description="decay of averaged weights that are kept (Polyak); 0 for none"
    )
    shift: float = Field(
        0.5,
        ge=0,
        le=8,
        description="largest distance by which training pictures are moved at random, in pixels",
    )
