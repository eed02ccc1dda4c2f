"""Pictures with outlines, for the image browser of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class OutlineKind:
    """A kind of outline, such as a true positive.

    Attributes:
        name: short; the filter shows it.
        colour: `#rrggbb`.
        meaning: one sentence.
        dashed: whether its line is dashed.
        shown: whether it is shown at first.
    """

    name: str
    colour: str
    meaning: str
    dashed: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Outline:
    """A box or polygon on a picture.

    Attributes:
        points: x1, y1, x2, y2 of a box, or x and y of three or more corners in turn; in pixels,
            with (0, 0) the upper left corner of the picture and y downwards.
        label: the class.
        kind: index into the browser's kinds.
        score: the confidence in 0..1; None for what has none.
        note: more about it, shown when it is pointed at.
    """

    points: Sequence[float]
    label: str
    kind: int
    score: float | None = None
    note: str = ""


@dataclass(frozen=True)
class BrowsedPicture:
    """A picture with its outlines.

    Attributes:
        id: as in items.csv.
        source: JPEG, PNG or WebP bytes to embed, or the path of a file relative to the page.
        width, height: the size that the outlines refer to, in pixels.
        numbers: by which pictures can be sorted; NaN where undefined.
        outlines: drawn in this order.
    """

    id: Any
    source: bytes | str
    width: int
    height: int
    numbers: Mapping[str, float] = field(default_factory=dict)
    outlines: Sequence[Outline] = ()


@dataclass(frozen=True)
class ImageBrowser:
    """Pictures to look through.

    Attributes:
        kinds: of the outlines.
        pictures: in the order in which they are listed at first.
        note: one or two sentences above them.
        least: the lowest confidence that is shown at first, in 0..1.
    """

    kinds: Sequence[OutlineKind]
    pictures: Sequence[BrowsedPicture]
    note: str = ""
    least: float = 0.0
