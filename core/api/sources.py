"""Pictures in memory, written where `predict` reads files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from nntasks.errors import UsageError

_KINDS = "a path, a PIL image, or an array (H, W), (H, W, 3) or (H, W, 4)"
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def is_many(source: Any) -> bool:
    """Return whether `source` is a sequence of sources: a list or tuple, or an array (N, H, W, C).

    A list of numbers is a picture.
    """
    if isinstance(source, (list, tuple)):
        return not source or not _is_numbers(source)
    return getattr(source, "ndim", 0) == 4


def as_file(source: Any, folder: Path, number: int) -> Path:
    """Return the file of one source; a picture in memory is written to `folder` as PNG.

    Args:
        source: a path, a PIL image, an array (H, W), (H, W, 3) or (H, W, 4) of uint8, bool, or
            floats in 0..1, or nested lists of these.
        folder: where to write.
        number: the position of the source, for its name.

    Raises:
        UsageError: it is none of these.
    """
    if isinstance(source, (str, os.PathLike)):
        return Path(source).expanduser()
    image = _as_image(source, number)
    path = folder / f"picture{number}.png"
    image.save(path)
    return path


def as_pixels(source: Any) -> Any:
    """Return the pixels of one source as `predict` reads it: (H, W, 3) uint8 RGB.

    Args:
        source: as for `as_file`.

    Raises:
        UsageError: it is none of these, or the file cannot be read.
    """
    from nntasks.pictures.files import read_image

    with tempfile.TemporaryDirectory() as folder:
        return read_image(as_file(source, Path(folder), 0))


def _is_numbers(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, (bool, int, float))


def _as_image(source: Any, number: int) -> Any:
    from PIL import Image

    if isinstance(source, Image.Image):
        if source.mode not in _MODES:
            _refuse(
                f"picture {number}: expected a PIL image of mode L, RGB or RGBA, got "
                f"{source.mode}; use .convert('RGB')"
            )
        return source
    return Image.fromarray(_as_pixels(source, number))


def _as_pixels(source: Any, number: int) -> Any:
    import numpy as np

    from nntasks.pictures.byte_range import as_bytes

    if hasattr(source, "detach"):  # a torch tensor
        source = source.detach().cpu().numpy()
    try:
        pixels = np.asarray(source)
    except ValueError:  # rows of different lengths
        _refuse(f"picture {number}: expected {_KINDS}, got lists of different lengths")
    if pixels.dtype.kind not in "buif":
        _refuse(f"picture {number}: expected {_KINDS}, got {type(source).__name__}")
    _check_shape(pixels.shape, number)
    return as_bytes(pixels, f"picture {number}")


def _check_shape(shape: Sequence[int], number: int) -> None:
    if 0 not in shape and (len(shape) == 2 or (len(shape) == 3 and shape[2] in (3, 4))):
        return
    hint = "; move the channels last" if len(shape) == 3 and shape[0] in (1, 3, 4) else ""
    _refuse(f"picture {number}: expected {_KINDS}, got shape {tuple(shape)}{hint}")


def _refuse(line: str) -> NoReturn:
    raise UsageError(line)
