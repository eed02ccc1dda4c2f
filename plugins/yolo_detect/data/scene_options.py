"""The options of generated scenes."""

from __future__ import annotations

from pydantic import Field, model_validator

from nntasks.config import Options


class ScenesConfig(Options):
    """Options of `data=scenes`."""

    train: int = Field(640, ge=1, le=1_000_000, description="training scenes")
    validation: int = Field(64, ge=1, le=1_000_000, description="validation scenes")
    test: int = Field(160, ge=1, le=1_000_000, description="test scenes")
    size: int = Field(128, ge=32, le=2048, description="side of the square scenes in pixels")
    fewest: int = Field(2, ge=1, le=50, description="smallest number of digits in a scene")
    most: int = Field(6, ge=1, le=50, description="largest number of digits in a scene")
    train_fewest: int = Field(
        5, ge=1, le=50, description="smallest number of digits in a training scene"
    )
    train_most: int = Field(
        9, ge=1, le=50, description="largest number of digits in a training scene"
    )
    smallest: float = Field(
        0.18, gt=0.05, le=0.9, description="smallest digit height, as a share of the side"
    )
    largest: float = Field(
        0.45, gt=0.05, le=0.9, description="largest digit height, as a share of the side"
    )
    overlap: float = Field(
        0.1, ge=0, le=1, description="largest share of a box that another may cover"
    )
    contrast: float = Field(
        0.4,
        ge=0,
        le=0.45,
        description="smallest difference in brightness between digit and background",
    )
    litter: int = Field(
        4, ge=0, le=100, description="largest number of distractor shapes in a scene"
    )

    @model_validator(mode="after")
    def _ordered(self) -> ScenesConfig:
        if self.fewest > self.most:
            raise ValueError(f"data.fewest ({self.fewest}) must not exceed data.most ({self.most})")
        if self.train_fewest > self.train_most:
            raise ValueError(
                f"data.train_fewest ({self.train_fewest}) must not exceed data.train_most "
                f"({self.train_most})"
            )
        if self.smallest > self.largest:
            raise ValueError(
                f"data.smallest ({self.smallest}) must not exceed data.largest ({self.largest})"
            )
        if self.size * self.smallest < 8:
            raise ValueError(
                f"data.smallest ({self.smallest}) x data.size ({self.size}) must reach 8 pixels"
            )
        return self

    def digits_in(self, split: str) -> tuple[int, int]:
        """Return the smallest and largest number of digits in a scene of a split."""
        if split == "train":
            return self.train_fewest, self.train_most
        return self.fewest, self.most
