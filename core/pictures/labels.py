"""Reading pictures whose pixels are labels: masks, trimaps, maps of classes.

They are opened and turned like photographs (`files.read_image`), but no value is changed: grey of 2
or 4 bits stays 0 to 3 or 0 to 15, and both the numbers and the colours of a palette are kept. What
they mean can only be decided for a whole folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from nntasks.pictures.colour import upright, with_alpha
from nntasks.pictures.files import name_further_frames
from nntasks.pictures.headers import NotRead
from nntasks.pictures.opening import Opened, naming, open_picture

_LOSSY = ("JPEG", "WEBP")  # kinds whose pixels may differ from what was saved
_LOSSY_SPREAD = 24  # most that the colours of a pixel which was grey may differ by, in those
_MOST_COLOURS = 256


@dataclass(frozen=True)
class LabelPicture:
    """One picture of labels.

    Attributes:
        values: (H, W) uint8, upright: grey as the file has it, 0 and 1 of two-valued files, or
            numbers into `palette`.
        palette: (256, 3) uint8 colours, or None where the file is grey.
        numbered: whether the palette numbers come from the file, and were not assigned here.
        two_valued: whether the file has one bit per pixel.
        lossy: whether the file format changes pixels, as JPEG does.
    """

    values: np.ndarray
    palette: np.ndarray | None = None
    numbered: bool = True
    two_valued: bool = False
    lossy: bool = False


def read_labels(path: Path) -> LabelPicture:
    """Read a picture of labels.

    Raises:
        UsageError: it cannot be read (see `read_image`), has more than 256 colours, or has colours
            hidden beneath transparent pixels; names it.
    """
    opened = open_picture(path)
    with naming(path):
        found = _labels_of(opened)
    name_further_frames(path, opened)
    return found


def _labels_of(opened: Opened) -> LabelPicture:
    image = opened.image
    assert image is not None
    if image.has_transparency_data:
        image = _without_alpha(image, opened)
    image = upright(image, opened.orientation)
    lossy = opened.header.kind in _LOSSY
    if image.mode == "1":
        return LabelPicture(np.asarray(image).astype(np.uint8), two_valued=True)
    if image.mode == "L":
        return LabelPicture(_as_in_file(np.asarray(image), opened.header.white), lossy=lossy)
    if image.mode == "P":
        colours = np.zeros((256, 3), np.uint8)
        listed = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)[:256]
        colours[: len(listed)] = listed
        return LabelPicture(np.asarray(image), colours)
    return _of_colours(np.asarray(image.convert("RGB")), lossy)


def _of_colours(pixels: np.ndarray, lossy: bool) -> LabelPicture:
    """Read pixels (H, W, 3) as grey if their colours agree, or else number their colours."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    if spread.max(initial=0) <= (_LOSSY_SPREAD if lossy else 0):
        grey = np.asarray(Image.fromarray(pixels).convert("L")) if lossy else pixels[..., 0]
        return LabelPicture(np.ascontiguousarray(grey), lossy=lossy)
    whole = pixels.astype(np.uint32)
    numbers = whole[..., 0] << 16 | whole[..., 1] << 8 | whole[..., 2]
    found, values = np.unique(numbers, return_inverse=True)
    if len(found) > _MOST_COLOURS:
        raise NotRead(
            f"expected a grey, two-coloured or palette picture of labels, got {len(found)} colours"
        )
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(found)] = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    return LabelPicture(values.reshape(numbers.shape).astype(np.uint8), palette, numbered=False)


def _as_in_file(grey: np.ndarray, white: int) -> np.ndarray:
    """Undo the scaling to 255 of grey values whose white is another value."""
    if white == 255:
        return grey
    return ((grey.astype(np.uint16) * white + 127) // 255).astype(np.uint8)


def _without_alpha(image: Image.Image, opened: Opened) -> Image.Image:
    """Drop transparency if all transparent pixels are black, which is the background."""
    pixels = np.asarray(with_alpha(opened))
    if pixels[..., :3][pixels[..., 3] < 255].any():
        raise NotRead(
            "expected an opaque mask, or one that is black where it is transparent, got colours "
            "beneath transparent pixels; save it without transparency"
        )
    if image.mode in ("1", "L", "P", "RGB"):
        return image
    if image.mode in ("LA", "PA"):
        return image.getchannel(0) if image.mode == "LA" else image.convert("P")
    return image.convert("RGB")
