"""The configuration of `unet_segment`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from nntasks.config import Names
from nntasks.training.config import TrainingConfig

PRESETS = ("flip", "crop", "rotate", "colour", "elastic")


class UnetConfig(TrainingConfig):
    """The keys of `unet_segment`; the defaults train a small network on generated scenes."""

    defaults = {
        "data": "blobs",
        "model": "unet",
        "metrics": ("segmentation",),
        "epochs": 12,
        "batch_size": 8,
        "replicas": 2,
        "optimizer": "adamw",
        "lr": 0.003,
        "schedule": "one_cycle",
        "evaluation_batch": 16,
    }

    metrics: Names = Field(
        ("segmentation",), min_length=1, description="names of the metrics, separated by commas"
    )
    image_size: int | None = Field(
        None,
        ge=16,
        le=4096,
        description="side that pictures are scaled to, in pixels; none to keep the data's size",
    )
    # the network
    depth: int = Field(3, ge=1, le=6, description="number of downsampling steps; 4 in the paper")
    width: int = Field(
        16, ge=4, le=256, multiple_of=4, description="channels of the first level; 64 in the paper"
    )
    residual: bool = Field(True, description="residual blocks")
    norm: Literal["none", "batch", "layer", "group"] = Field(
        "batch", description="normalisation after each convolution; none in the paper"
    )
    dropout: float = Field(
        0.0, ge=0, lt=1, description="dropout probability of channels at the lowest level"
    )
    upsample: Literal["transposed", "bilinear"] = Field(
        "transposed", description="upsampling method of the decoder"
    )
    attention: bool = Field(
        False, description="attention gates on the skip connections (Oktay et al. 2018)"
    )
    skips: Names = Field(
        ("all",),
        description="levels with a skip connection, separated by commas (1 is the finest); or all, "
        "or none",
    )
    align: Literal["picture", "pad", "crop", "resize"] = Field(
        "picture",
        description="how to join maps of unequal sizes: picture pads the picture first, so that "
        "sizes agree; pad and resize change the decoder's map; crop cuts the encoder's map",
    )
    encoder: Literal["none", "resnet18", "resnet34", "mobilenet_v3"] = Field(
        "none", description="torchvision network as encoder, instead of depth and width"
    )
    encoder_weights: Path | None = Field(
        None, description="file of encoder weights, such as torchvision's ImageNet weights"
    )
    # training; the defaults were chosen on the generated scenes
    loss: Literal["bce", "dice", "bce_dice", "focal", "tversky", "lovasz", "border"] = Field(
        "bce_dice", description="the loss to minimise"
    )
    positive_weight: float = Field(
        1.0, gt=0, le=1000, description="weight of object pixels in loss=bce and bce_dice"
    )
    focal_gamma: float = Field(
        2.0,
        ge=0,
        le=10,
        description="gamma of loss=focal: larger values give easy pixels less weight",
    )
    focal_alpha: float = Field(
        0.5, gt=0, lt=1, description="alpha of loss=focal: weight of object pixels"
    )
    tversky_alpha: float = Field(
        0.3, ge=0, le=1, description="weight of false positives in loss=tversky"
    )
    tversky_beta: float = Field(
        0.7, ge=0, le=1, description="weight of false negatives in loss=tversky"
    )
    border_weight: float = Field(
        10.0, ge=0, le=1000, description="w0 of loss=border: extra weight between close objects"
    )
    border_width: float = Field(5.0, gt=0, le=100, description="sigma of loss=border, in pixels")
    augment: Names = Field(
        ("flip",),
        description=f"augmentation presets, separated by commas: {', '.join(PRESETS)}; or none",
    )
    # masks and prediction
    threshold: float = Field(0.5, gt=0, lt=1, description="lowest probability of an object pixel")
    mirror: bool = Field(
        False, description="average with the prediction for the mirror image; takes twice the time"
    )
    tile: int = Field(
        0,
        ge=0,
        le=8192,
        description="side of the tiles that predict splits large pictures into, in "
        "pixels; 0 for whole pictures",
    )
    overlap: int = Field(32, ge=0, le=2048, description="context of a tile on each side, in pixels")

    @field_validator("skips")
    @classmethod
    def _known_levels(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if names in (("all",), ("none",)):
            return names
        if not names or any(not name.isascii() or not name.isdecimal() for name in names):
            raise ValueError("expected all, none, or levels from 1, such as 1,3")
        return names

    @field_validator("augment")
    @classmethod
    def _known_presets(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        names = () if names == ("none",) else names
        if any(name not in PRESETS for name in names) or len(set(names)) < len(names):
            raise ValueError(f"expected none, or some of {', '.join(PRESETS)}, each once")
        return names
