"""Boxes drawn on pictures."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
_GOLDEN = 0.618034  # turn of the colour wheel between classes: consecutive colours differ most
_GAP = 8  # pixels between the pictures of a montage


@dataclass(frozen=True)
class Mark:
    """A box on a picture.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the picture.
        text: label at the upper edge; may be empty.
        colour: RGB.
        dashed: whether the line is broken.
    """

    box: Sequence[float]
    text: str
    colour: Colour
    dashed: bool = False


def class_colour(label: int) -> Colour:
    """Return the colour of a class, a function of the label alone."""
    lightness = (0.45, 0.55)[label % 2]
    red, green, blue = colorsys.hls_to_rgb((label * _GOLDEN) % 1, lightness, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)


def draw(image: np.ndarray, marks: Sequence[Mark], *, side: int | None = None) -> Image.Image:
    """Return the picture with the marks on it.

    Args:
        image: (H, W, 3) uint8 RGB.
        marks: drawn in reverse, so that the first is on top.
        side: scale the longer side of the picture to so many pixels; lines and letters keep
            their size.
    """
    picture = Image.fromarray(image)
    scale = 1.0
    if side is not None:
        scale = side / max(picture.size)
        width, height = (max(1, round(length * scale)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    line = max(2, round(max(picture.size) / 320))
    font = ImageFont.load_default(max(11, round(max(picture.size) / 48)))
    for mark in reversed(marks):
        _draw_mark(pen, picture.size, mark, scale, line, font)
    return picture


def montage(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """Return pictures side by side on white, row by row."""
    columns = min(columns, len(pictures))
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    width = max(picture.width for picture in pictures)
    heights = [max(picture.height for picture in row) for row in rows]
    size = (columns * (width + _GAP) - _GAP, sum(heights) + _GAP * (len(rows) - 1))
    sheet = Image.new("RGB", size, "white")
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            sheet.paste(picture, (column * (width + _GAP), top))
        top += height + _GAP
    return sheet


def _draw_mark(
    pen: ImageDraw.ImageDraw,
    size: tuple[int, int],
    mark: Mark,
    scale: float,
    line: int,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    x1, y1, x2, y2 = (float(value) * scale for value in mark.box)
    x2, y2 = max(x1, x2), max(y1, y2)
    if mark.dashed:
        _dashed(pen, (x1, y1, x2, y2), mark.colour, line)
    else:
        pen.rectangle((x1, y1, x2, y2), outline=mark.colour, width=line)
    if not mark.text:
        return
    left, top, right, bottom = pen.textbbox((0, 0), mark.text, font=font)
    width, height = right - left + 6, bottom - top + 6
    x = min(max(x1, 0), max(size[0] - width, 0))
    y = y1 - height if y1 >= height else max(min(y1, size[1] - height), 0)  # above, else inside
    pen.rectangle((x, y, x + width, y + height), fill=mark.colour)
    ink = "black" if _luminance(mark.colour) > 0.35 else "white"
    pen.text((x + 3 - left, y + 3 - top), mark.text, fill=ink, font=font)


def _dashed(
    pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], colour: Colour, line: int
) -> None:
    x1, y1, x2, y2 = box
    dash = 4.0 * line
    for start in np.arange(x1, x2, 2 * dash):
        for y in (y1, y2):
            pen.line((start, y, min(start + dash, x2), y), fill=colour, width=line)
    for start in np.arange(y1, y2, 2 * dash):
        for x in (x1, x2):
            pen.line((x, start, x, min(start + dash, y2)), fill=colour, width=line)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, 0 for black to 1 for white (WCAG 2)."""
    linear = [(value / 255) ** 2.2 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
