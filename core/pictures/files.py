"""Read images from disk: the pixels on demand, the size from the header alone.

The rules are those of docs/decisions/0015-reading-pictures-and-masks.md: the EXIF orientation is
applied once, pictures with more than 8 bits per colour are refused, transparent pixels are shown on
white, and only the first frame or page is read.
"""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from nntasks.pictures.colour import shown, upright_size
from nntasks.pictures.opening import Opened, has_more_frames, naming, open_picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm")
_LOG = logging.getLogger("nntasks.data")


def read_image(
    path: Path, mode: Literal["rgb", "grey"] = "rgb", extent: tuple[int, int] | None = None
) -> np.ndarray:
    """Return a picture as (H, W, 3) uint8 RGB, or (H, W, 1) uint8 grey; it may be read-only.

    Args:
        path: the file.
        mode: "rgb" or "grey".
        extent: (height, width) to which it is scaled, in pixels; None to leave it.

    Raises:
        UsageError: the file is missing, truncated or no picture, is larger than memory, or its
            numbers have no common scale (more than 8 bits a colour, floating point, LAB); names it.
    """
    opened = open_picture(path)
    with naming(path):
        ready = shown(opened, "RGB" if mode == "rgb" else "L")
        if extent is not None:
            ready = ready.resize(extent[::-1], Image.Resampling.BILINEAR)
        pixels = np.asarray(ready)
    name_further_frames(path, opened)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) in pixels of what `read_image` would return, from the header alone.

    Raises:
        UsageError: the file is missing or no picture, or of a kind that `read_image` refuses.
    """
    return upright_size(open_picture(path, decode=False))


def name_further_frames(path: Path, opened: Opened) -> None:
    """Warn of frames and pages that are not read, once for all files of a folder."""
    if has_more_frames(path, opened):
        _warn_of_frames(path.parent, path.name)


@functools.lru_cache(maxsize=1024)
def _warned(folder: Path) -> set[str]:
    return set()


def _warn_of_frames(folder: Path, name: str) -> None:
    if not _warned(folder):
        _warned(folder).add(name)
        _LOG.warning(
            "%s: only the first of its frames or pages is read; so it is of others in this folder",
            folder / name,
        )
