"""The options of `explain`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from nntasks.config import Integers, Options


class ExplainOptions(Options):
    """Options of `explain`: the pixel, the mask of a picture file, a figure."""

    pixel: Integers = Field(
        (),
        description="x,y of the pixel, from 0,0 in the upper left corner; by default the largest "
        "error, or without a mask the least certain pixel",
    )
    mask: Path | None = Field(None, description="the true mask of a picture file")
    figure: Path | None = Field(None, description="PNG file to draw the explanation to")

    @field_validator("pixel")
    @classmethod
    def _two_numbers(cls, pixel: tuple[int, ...]) -> tuple[int, ...]:
        if pixel and (len(pixel) != 2 or min(pixel) < 0):
            raise ValueError("expected pixel=X,Y, two numbers from 0 on")
        return pixel

    @field_validator("figure")
    @classmethod
    def _png(cls, figure: Path | None) -> Path | None:
        if figure is not None and figure.suffix.lower() != ".png":
            raise ValueError("expected the name of a PNG file, such as why.png")
        return figure
