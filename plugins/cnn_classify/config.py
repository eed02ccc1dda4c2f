"""Every key of `cnn_classify`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from nntasks.config import Names
from nntasks.training.config import TrainingConfig

PRESETS = ("flip", "crop", "rotate", "colour", "randaugment", "erase")


class CnnConfig(TrainingConfig):
    """Keys of classifiers of pictures; the defaults are for the small digits."""

    data: str = Field("digits", description="name of the data set")
    model: str = Field("alexnet_small", description="name of the model")
    metrics: Names = Field(
        ("classification",), min_length=1, description="names of the metrics, by commas"
    )
    # the network; auto is what the architecture has by itself
    norm: Literal["auto", "none", "batch", "layer", "group"] = Field(
        "auto", description="normalisation after each convolution"
    )
    activation: Literal["auto", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid"] = (
        Field("auto", description="what stands behind each layer")
    )
    dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="share of numbers dropped before linear layers; none for the "
        "architecture's own",
    )
    init: Literal["auto", "zeros", "normal", "xavier", "he", "orthogonal"] = Field(
        "auto", description="start of weights; auto is torch's own"
    )
    # training: chosen by an ablation on another split of the digits
    epochs: int = Field(24, ge=0, le=100_000, description="passes over the training split")
    batch_size: int = Field(
        64, ge=1, le=65_536, description="samples per optimiser step, over all processes"
    )
    lr: float = Field(0.02, gt=0, le=100, description="peak learning rate")
    schedule: Literal["constant", "linear", "cosine", "step", "one_cycle", "plateau"] = Field(
        "one_cycle", description="how the learning rate moves after the warm-up"
    )
    evaluation_batch: int = Field(256, ge=1, le=65_536, description="samples per prediction")
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of every label that is spread over all classes"
    )
    mixup: float = Field(
        0.0, ge=0, le=10, description="alpha of mixup, which blends pairs of pictures; 0 for none"
    )
    cutmix: float = Field(
        0.0, ge=0, le=10, description="alpha of cutmix, which pastes parts of others; 0 for none"
    )
    augment: Names = Field(
        ("rotate",),
        description=f"changes of training pictures, by commas: {', '.join(PRESETS)}; or none",
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
