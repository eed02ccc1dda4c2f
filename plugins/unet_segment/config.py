"""Every key of `unet_segment`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from nntasks.config import Names
from nntasks.training.config import TrainingConfig

PRESETS = ("flip", "crop", "rotate", "colour", "elastic")


class UnetConfig(TrainingConfig):
    """Keys of U-Net segmentation; the defaults train a small network on generated scenes."""

    defaults = {
        "data": "blobs",
        "model": "unet",
        "metrics": ("segmentation",),
        "epochs": 12,
        "batch_size": 8,
        "optimizer": "adamw",
        "lr": 0.003,
        "schedule": "one_cycle",
        "evaluation_batch": 16,
    }

    metrics: Names = Field(
        ("segmentation",), min_length=1, description="names of the metrics, by commas"
    )
    image_size: int | None = Field(
        None,
        ge=16,
        le=4096,
        description="side to which pictures are scaled, in pixels; none for the data's own",
    )
    # the network
    depth: int = Field(3, ge=1, le=6, description="how often pictures are halved; 4 in the paper")
    width: int = Field(
        16, ge=4, le=256, multiple_of=4, description="channels of the first layers; 64 in the paper"
    )
    residual: bool = Field(True, description="blocks that add to what they were given")
    norm: Literal["none", "batch", "layer", "group"] = Field(
        "batch", description="normalisation after each convolution; none in the paper"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="share of channels dropped at the bottom")
    upsample: Literal["transposed", "bilinear"] = Field(
        "transposed", description="how maps are doubled on the way up"
    )
    attention: bool = Field(False, description="gates on what is handed across (Oktay et al. 2018)")
    encoder: Literal["none", "resnet18", "resnet34", "mobilenet_v3"] = Field(
        "none", description="a network of torchvision on the way down, instead of depth and width"
    )
    encoder_weights: Path | None = Field(
        None, description="file of the encoder's weights, such as ImageNet's of torchvision"
    )
    # training: chosen on the generated scenes
    loss: Literal["bce", "dice", "bce_dice", "focal", "tversky", "lovasz", "border"] = Field(
        "bce_dice", description="what is made small"
    )
    positive_weight: float = Field(
        1.0, gt=0, le=1000, description="weight of object pixels in loss=bce and bce_dice"
    )
    focal_gamma: float = Field(2.0, ge=0, le=10, description="how far loss=focal turns from easy")
    focal_alpha: float = Field(
        0.5, gt=0, lt=1, description="weight of object pixels in loss=focal, of 1"
    )
    tversky_alpha: float = Field(0.3, ge=0, le=1, description="weight of false alarms in tversky")
    tversky_beta: float = Field(0.7, ge=0, le=1, description="weight of misses in tversky")
    border_weight: float = Field(
        10.0, ge=0, le=1000, description="w0 of loss=border: extra weight between close objects"
    )
    border_width: float = Field(5.0, gt=0, le=100, description="sigma of loss=border, in pixels")
    augment: Names = Field(
        ("flip",),
        description=f"changes of training pictures, by commas: {', '.join(PRESETS)}; or none",
    )
    # what a mask is
    threshold: float = Field(
        0.5, gt=0, lt=1, description="probability from which a pixel is of the object"
    )
    mirror: bool = Field(
        False, description="predict the mirror image, too, and take the mean: twice the time"
    )
    tile: int = Field(
        0,
        ge=0,
        le=8192,
        description="side of the tiles in which predict reads large pictures, in "
        "pixels; 0 for whole pictures",
    )
    overlap: int = Field(
        32, ge=0, le=2048, description="pixels that a tile sees beyond what it decides on each side"
    )

    @field_validator("augment")
    @classmethod
    def _known_presets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        names = () if names == ("none",) else names
        if any(name not in PRESETS for name in names) or len(set(names)) < len(names):
            raise ValueError(f"expected none, or some of {', '.join(PRESETS)}, each once")
        return names
