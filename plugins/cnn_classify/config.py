"""The configuration of `cnn_classify`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from nntasks.config import Names
from nntasks.training.config import TrainingConfig

PRESETS = ("flip", "crop", "rotate", "colour", "randaugment", "erase")


class CnnConfig(TrainingConfig):
    """The keys of `cnn_classify`; the defaults suit the small digits.

    The training defaults were chosen by an ablation on another split of the digits.
    """

    defaults = {
        "data": "digits",
        "model": "alexnet_small",
        "metrics": ("classification",),
        "epochs": 24,
        "batch_size": 64,
        "lr": 0.02,
        "schedule": "one_cycle",
        "evaluation_batch": 256,
    }

    metrics: Names = Field(
        ("classification",), min_length=1, description="names of the metrics, separated by commas"
    )
    # the network; auto is the architecture's own
    norm: Literal["auto", "none", "batch", "layer", "group"] = Field(
        "auto", description="normalisation after each convolution"
    )
    activation: Literal["auto", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"] = (
        Field("auto", description="activation after each layer")
    )
    dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="dropout probability before linear layers; none for the architecture's own",
    )
    init: Literal["auto", "zeros", "normal", "xavier", "he", "orthogonal"] = Field(
        "auto", description="initialisation of the weights; auto is torch's own"
    )
    # training
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="label smoothing: share of each label that is spread over all classes",
    )
    mixup: float = Field(
        0.0, ge=0, le=10, description="alpha of mixup, which blends pairs of pictures; 0 for none"
    )
    cutmix: float = Field(
        0.0,
        ge=0,
        le=10,
        description="alpha of cutmix, which pastes rectangles of other pictures; 0 for none",
    )
    augment: Names = Field(
        ("rotate",),
        description=f"augmentation presets, separated by commas: {', '.join(PRESETS)}; or none",
    )
    magnitude: int = Field(9, ge=0, le=30, description="strength of augment=randaugment")

    @field_validator("augment")
    @classmethod
    def _known_presets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        names = () if names == ("none",) else names
        unknown = [name for name in names if name not in PRESETS]
        if unknown or len(set(names)) < len(names):
            raise ValueError(f"expected none, or some of {', '.join(PRESETS)}, each once")
        return names
