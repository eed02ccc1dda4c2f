"""Reading pictures from disk: the pixels when they are needed, the size from the header alone.

A picture is turned as its EXIF orientation says, as viewers and labelling tools show it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from nntasks.errors import UsageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
_ORIENTATION = 0x0112  # EXIF tag; 5 to 8 turn the picture by a quarter
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)
_EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


def read_image(
    path: Path, mode: Literal["rgb", "grey"] = "rgb", extent: tuple[int, int] | None = None
) -> np.ndarray:
    """Return a picture as (H, W, 3) uint8 RGB, or (H, W, 1) uint8 grey; it may be read-only.

    Args:
        path: the file.
        mode: "rgb" or "grey".
        extent: (height, width) to which it is scaled, in pixels; None to leave it.

    Raises:
        UsageError: the file is missing, truncated or no picture, or has more than 8 bits a colour,
            whose values have no common scale; names it.
    """
    wanted = "RGB" if mode == "rgb" else "L"
    try:
        with Image.open(path) as image:
            if image.mode not in _EIGHT_BITS:
                raise UsageError(
                    f"{path}: expected 8 bits a colour, got mode {image.mode}; convert it first"
                )
            ImageOps.exif_transpose(image, in_place=True)
            # Both would copy a picture that is upright and RGB already: a third of the time.
            ready = image if image.mode == wanted else image.convert(wanted)
            if extent is not None:
                ready = ready.resize(extent[::-1], Image.Resampling.BILINEAR)
            pixels = np.asarray(ready)
    except _UNREADABLE as error:
        raise _cannot_read(path, error) from error
    return pixels if pixels.ndim == 3 else pixels[..., None]


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) in pixels of what `read_image` would return, from the header alone.

    Raises:
        UsageError: the file is missing or no picture; names it.
    """
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except _UNREADABLE as error:
        raise _cannot_read(path, error) from error
    return (height, width) if turned else (width, height)


def _cannot_read(path: Path, error: BaseException) -> UsageError:
    if isinstance(error, UnidentifiedImageError):
        reason = "it is no picture, or of a kind that is not supported"
    elif isinstance(error, OSError) and error.errno:
        reason = os.strerror(error.errno)
    else:
        reason = " ".join(str(error).split())
    return UsageError(f"cannot read image {path}: {reason}")
