"""Open image files with Pillow; damaged metadata never prevents reading the pixels.

A file is first read as it is. If that fails, it is read again without EXIF, XMP, profiles, text and
comments, so only damage to the pixels is an error. Pillow's own messages are not shown, and its
pixel limit is replaced by the free memory.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from nntasks.errors import UsageError
from nntasks.machine.memory import free_memory
from nntasks.pictures import headers, segments, tags
from nntasks.pictures.headers import Header

_SMALL = 2**24  # pixels; for fewer nobody asks how much memory is free
_BYTES_A_PIXEL = 12  # Pillow's four, those of a conversion, and the array's
# Tags of a TIFF file without which there are no pixels: sides, colours, compression, places.
_SIDES, _COLOURS = (256, 257), (258, 262, 277, 284, 320, 332, 338, 339, 529, 530, 531, 532)
_COMPRESSION = (259, 266, 292, 293, 317, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521)
_PLACES = (273, 278, 279, 322, 323, 324, 325)
_TIFF_KEPT = frozenset((*_SIDES, *_COLOURS, *_COMPRESSION, *_PLACES))
_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")
_PILLOW = r"PIL\."
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")


@dataclass(frozen=True)
class Opened:
    """A picture as it is stored.

    Attributes:
        image: decoded, unless only its header was read; not turned.
        header: the information before the pixels.
        size: (width, height) in pixels, not turned.
        orientation: EXIF's, 1 to 8.
    """

    image: Image.Image | None
    header: Header
    size: tuple[int, int]
    orientation: int = 1


def open_picture(path: Path, *, decode: bool = True) -> Opened:
    """Open a picture file; decode its first frame, or read its header alone.

    Raises:
        UsageError: the file is missing, no picture, damaged, larger than memory, or its numbers are
            of a kind that is not read (see `headers.read_header`); names it.
    """
    with naming(path), open(path, "rb") as file, _LIMIT.lifted():
        header = headers.read_header(file)
        file.seek(0)
        opened = _open_tiff if header.directory else _open
        return opened(file, header, decode)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn any error in the block into a `UsageError` that names the file."""
    try:
        yield
    except UsageError:
        raise
    except headers.NotRead as error:
        raise UsageError(f"{path}: {error}") from error
    except Exception as error:  # of a damaged file Pillow raises errors of every class
        raise UsageError(f"cannot read image {path}: {_reason(error)}") from error


def has_more_frames(path: Path, opened: Opened) -> bool:
    """Return whether pictures follow the first: frames of an animation, or pages.

    (Those in a JPEG file are previews, or for other screens, and do not count.)
    """
    if opened.header.kind != "GIF":
        return opened.header.more or bool(getattr(opened.image, "is_animated", False))
    try:
        with Image.open(path, formats=["GIF"]) as again:
            return bool(getattr(again, "is_animated", False))
    except Exception:  # the first frame was read; what follows it is damaged
        return False


def _open(file: BinaryIO, header: Header, decode: bool) -> Opened:
    try:
        return _decoded(file, header, decode)
    except (headers.NotRead, TooLarge):
        raise
    except Exception:
        file.seek(0)
        bare, exif = _without_descriptions(file, header)
        if bare is None:
            raise
        with contextlib.suppress(Exception):
            found = _decoded(io.BytesIO(bare), header, decode)
            return replace(found, orientation=tags.orientation_of(exif))
        raise


def _open_tiff(file: BinaryIO, header: Header, decode: bool) -> Opened:
    """Open a TIFF file without its descriptive tags, by which Pillow turns some pictures."""
    assert header.directory is not None
    orientation = tags.valid_orientation(header.directory)
    _fits_memory(header.tiff_size)
    if not decode:
        return Opened(None, header, header.tiff_size, orientation)
    bare = tags.with_tags(file.read(), header.directory, _TIFF_KEPT)
    return replace(_decoded(io.BytesIO(bare), header, decode), orientation=orientation)


def _decoded(file: BinaryIO, header: Header, decode: bool) -> Opened:
    image = Image.open(file, formats=[header.kind])
    _fits_memory(image.size)
    if image.mode not in _MODES:
        raise headers.NotRead(f"expected 8 bits a colour, got mode {image.mode}; convert it first")
    if decode:
        image.load()
    return Opened(image, header, image.size, _orientation(image, header))


def _orientation(image: Image.Image, header: Header) -> int:
    """Return the orientation from EXIF, or else from XMP."""
    exif = header.exif or image.info.get("exif")
    if isinstance(exif, bytes) and tags.orientation_of(exif) > 1:
        return tags.orientation_of(exif)
    if exif and header.kind == "PNG":
        return 1
    profile = image.info.get("Raw profile type exif")  # of older versions of ImageMagick
    if isinstance(profile, str):
        with contextlib.suppress(ValueError):
            return tags.orientation_of(bytes.fromhex("".join(profile.split("\n")[3:])))
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    found = _XMP_ORIENTATION.search(xmp.encode() if isinstance(xmp, str) else xmp)
    return int(found[1]) if found else 1


def _without_descriptions(file: BinaryIO, header: Header) -> tuple[bytes | None, bytes]:
    data = file.read()
    if header.kind == "PNG":
        return segments.png_without_descriptions(data, segments.png_chunks(file)), header.exif
    if header.kind == "JPEG":
        return segments.jpeg_without_descriptions(data)
    if header.kind == "WEBP":
        return segments.webp_without_descriptions(data)
    return None, b""


class TooLarge(ValueError):
    """The picture has more pixels than fit into memory."""


def _fits_memory(size: tuple[int, int]) -> None:
    width, height = size
    if width * height <= _SMALL:
        return
    needed, free = width * height * _BYTES_A_PIXEL, free_memory()
    if free is not None and needed > free:
        raise TooLarge(
            f"its {width} x {height} pixels need {needed / 2**30:.1f} GiB of memory, of which "
            f"{free / 2**30:.1f} GiB are free; cut it into smaller pictures"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, (UnidentifiedImageError, headers.UnknownKind)):
        return "it is not a picture, or not of a supported kind"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    words = " ".join(str(error).split())
    if isinstance(error, (OSError, ValueError, SyntaxError)) and words:
        return words
    return f"it is damaged ({type(error).__name__})"


class _PillowsLimit:
    """Pillow's pixel limit, a variable of its module, which is lifted while any thread reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._limit: int | None = None

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        with self._lock:
            if not self._readers:
                self._limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
                _quieten()
            self._readers += 1
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    Image.MAX_IMAGE_PIXELS = self._limit


def _quieten() -> None:
    """Suppress Pillow's warnings; our errors say what matters.

    The filter is permanent, because threads would undo each other's `catch_warnings` blocks.
    """
    if not warnings.filters or warnings.filters[0][3] != re.compile(_PILLOW):
        warnings.filterwarnings("ignore", module=_PILLOW)


def _quieten_libtiff() -> None:
    """Silence libtiff, which Pillow loads; Pillow raises its errors.

    If libtiff cannot be reached through Pillow's library, as on Windows, nothing is changed.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(Image.core.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)


logging.getLogger("PIL").addHandler(logging.NullHandler())
_quieten_libtiff()
_LIMIT = _PillowsLimit()
