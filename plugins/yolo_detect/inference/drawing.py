"""Boxes drawn on pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nntasks.report import colours

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
_COLOURS = 80  # classes with colours of their own
_GAP = 10  # pixels between the pictures of a montage
_GAP_COLOUR = (128, 134, 142)  # in between, on a light page and on a dark one


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


@dataclass(frozen=True)
class _Label:
    """The words of a mark, where their ground is painted, and where the text begins."""

    mark: Mark
    place: Box
    origin: tuple[float, float]


def class_colour(label: int) -> Colour:
    """Return the colour of a class, a function of the label alone; the first 80 differ."""
    red, green, blue = colours.rgb(colours.distinct(_COLOURS)[label % _COLOURS])
    return round(red * 255), round(green * 255), round(blue * 255)


def draw(
    image: np.ndarray, marks: Sequence[Mark], *, side: int | None = None, sharp: bool = False
) -> Image.Image:
    """Return the picture with the marks on it.

    Labels stand at a corner of their box where they hide no label of an earlier mark, if there is
    such a corner.

    Args:
        image: (H, W, 3) uint8 RGB.
        marks: the boxes are drawn in reverse, so that the first is on top.
        side: scale the longer side of the picture to so many pixels; lines and letters keep
            their size.
        sharp: draw lines and letters at twice their size, for a picture shown at half of its own.
    """
    picture = Image.fromarray(image)
    scale = 1.0
    if side is not None:
        scale = side / max(picture.size)
        width, height = (max(1, round(length * scale)) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    scaled = 2 if sharp else 1
    line = max(2 * scaled, round(max(picture.size) / 320))
    font = ImageFont.load_default(max(11 * scaled, round(max(picture.size) / 48)))
    for mark in reversed(marks):
        _draw_box(pen, mark, scale, line)
    labels: list[_Label] = []
    for mark in marks:
        if mark.text:
            labels.append(_place_label(pen, picture.size, mark, scale, font, labels))
    for label in reversed(labels):
        _draw_label(pen, label, font)
    return picture


def montage(pictures: Sequence[Image.Image], columns: int) -> Image.Image:
    """Return pictures side by side, row by row."""
    columns = min(columns, len(pictures))
    rows = [pictures[start : start + columns] for start in range(0, len(pictures), columns)]
    width = max(picture.width for picture in pictures)
    heights = [max(picture.height for picture in row) for row in rows]
    size = (columns * (width + _GAP) - _GAP, sum(heights) + _GAP * (len(rows) - 1))
    sheet = Image.new("RGB", size, _GAP_COLOUR)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            sheet.paste(picture, (column * (width + _GAP), top))
        top += height + _GAP
    return sheet


def _draw_box(pen: ImageDraw.ImageDraw, mark: Mark, scale: float, line: int) -> None:
    x1, y1, x2, y2 = _scaled(mark, scale)
    if mark.dashed:
        _dashed(pen, (x1, y1, x2, y2), mark.colour, line)
    else:
        pen.rectangle((x1, y1, x2, y2), outline=mark.colour, width=line)


def _scaled(mark: Mark, scale: float) -> Box:
    x1, y1, x2, y2 = (float(value) * scale for value in mark.box)
    return x1, y1, max(x1, x2), max(y1, y2)


def _place_label(
    pen: ImageDraw.ImageDraw,
    size: tuple[int, int],
    mark: Mark,
    scale: float,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    before: Sequence[_Label],
) -> _Label:
    """Place a label at the first of six places that overlaps the labels before it least."""
    left, top, right, bottom = pen.textbbox((0, 0), mark.text, font=font)
    width, height = right - left + 6, bottom - top + 6
    x1, y1, x2, y2 = _scaled(mark, scale)
    corners = [(x1, y1 - height), (x2 - width, y1 - height), (x1, y2), (x2 - width, y2)]
    corners += [(x1, y1), (x2 - width, y2 - height)]  # inside the box
    places = []
    for x, y in corners:
        x = min(max(x, 0), max(size[0] - width, 0))
        y = min(max(y, 0), max(size[1] - height, 0))
        places.append((x, y, x + width, y + height))
    best = min(places, key=lambda place: sum(_common(place, other.place) for other in before))
    return _Label(mark, best, (best[0] + 3 - left, best[1] + 3 - top))


def _common(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _draw_label(
    pen: ImageDraw.ImageDraw, label: _Label, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    mark = label.mark
    pen.rectangle(label.place, fill=mark.colour)
    ink = "black" if _luminance(mark.colour) > 0.35 else "white"
    pen.text(label.origin, mark.text, fill=ink, font=font)


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
