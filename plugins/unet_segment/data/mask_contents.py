"""The content of one mask file, as far as it decides the meaning of all masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from nntasks.pictures.labels import LabelPicture

LOW, HIGH = 32, 223  # in soft masks, grey between these is neither background nor object
_EVEN = 6  # largest difference of grey within an area of one label, also after JPEG

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class MaskContents:
    """The counts of one mask.

    Attributes:
        path: the file.
        counts: (256,) pixels of each value, grey or palette index.
        colours: the colour of each value that occurs, if there is a palette.
        numbered, two_valued, lossy: as in `LabelPicture`.
        even: pixels of a middle grey inside an area of that grey; a mask with soft edges has almost
            none.
    """

    path: Path
    counts: np.ndarray
    colours: dict[int, Colour] | None
    numbered: bool
    two_valued: bool
    lossy: bool
    even: int

    @property
    def greys(self) -> np.ndarray:
        """(256,) pixels of each grey; for a grey palette, by its colours."""
        if self.colours is None:
            return self.counts
        found = np.zeros(256, np.int64)
        for value, (grey, _, _) in self.colours.items():
            found[grey] += self.counts[value]
        return found


def contents_of(path: Path, picture: LabelPicture) -> MaskContents:
    """Count the content of a mask."""
    counts = np.bincount(picture.values.ravel(), minlength=256)
    colours: dict[int, Colour] | None = None
    grey = picture.values
    if picture.palette is not None:
        colours = {int(v): tuple(picture.palette[v].tolist()) for v in np.flatnonzero(counts)}
        grey = picture.palette[picture.values][..., 0]
    even = _even_middle(grey)
    return MaskContents(
        path, counts, colours, picture.numbered, picture.two_valued, picture.lossy, even
    )


def _even_middle(grey: np.ndarray) -> int:
    middle = (grey > LOW) & (grey < HIGH)
    if not middle.any():
        return 0
    image = Image.fromarray(grey)
    highest, lowest = (
        np.asarray(image.filter(kind(3)), np.int16)
        for kind in (ImageFilter.MaxFilter, ImageFilter.MinFilter)
    )
    return int((middle & (highest - lowest <= _EVEN)).sum())
