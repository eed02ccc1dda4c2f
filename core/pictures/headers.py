"""The headers of image files: the format and the meaning of pixel values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

from nntasks.pictures import segments, tags

_BEGINNINGS = (  # of files, with the name that Pillow has for the kind
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"GIF8[79]a", "GIF"),
    (rb"BM", "BMP"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb"P[1-6][\s#]", "PPM"),
)
_BITS, _WIDTH, _HEIGHT, _COLOURS, _FORMAT = 258, 256, 257, 262, 339  # tags of a TIFF file
_COLOUR_KINDS = {8: "LAB", 9: "LAB", 10: "LAB", 32844: "LogLuv", 32845: "LogLuv"}
_GREY = 0  # colour type of a PNG file
_PPM_NUMBERS = re.compile(rb"P[1-6]" + 3 * rb"(?:\s|#[^\n]*\n)+(\d+)")  # width, height, white
_HEAD = 1024  # bytes in which a header of PPM is looked for


class NotRead(ValueError):
    """The picture has a kind of pixel values that is not supported; says which, and what to do."""


@dataclass(frozen=True)
class Header:
    """The header of a picture file.

    Attributes:
        kind: "JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF" or "PPM".
        white: the value of white in a grey file whose values Pillow scales: 255, or 3 for 2 bits,
            15 for 4 bits, or the value that a PGM file states.
        more: whether other pages or frames follow the first (TIFF and PNG).
        exif: the EXIF block of a PNG file, which may follow the pixels.
        directory: the tags of a TIFF file.
    """

    kind: str
    white: int = 255
    more: bool = False
    exif: bytes = b""
    directory: tags.Directory | None = None

    @property
    def tiff_size(self) -> tuple[int, int]:
        """Width and height of a TIFF file's first page, in pixels, as stored."""
        assert self.directory is not None
        width, height = (self.directory.integers.get(tag) for tag in (_WIDTH, _HEIGHT))
        if not width or not height:
            raise tags.DamagedTags("its tags name no width and height")
        return width[0], height[0]


def read_header(file: BinaryIO) -> Header:
    """Read the header of an open file.

    Raises:
        NotRead: it is not a supported picture, or its colours have more than 8 bits (their scale
            differs from camera to camera), or are floating-point, signed or LAB.
        DamagedTags: a TIFF file has no readable tags.
    """
    head = file.read(_HEAD)
    kind = next((kind for start, kind in _BEGINNINGS if re.match(start, head, re.S)), None)
    if kind == "PNG":
        return _png(file, head)
    if kind == "TIFF":
        return _tiff(file)
    if kind == "PPM":
        found = _PPM_NUMBERS.match(head)
        white = int(found[3]) if found and head[1:2] not in b"14" else 255
        return Header("PPM", _eight_bits_at_most(white.bit_length(), white))
    if kind is None:
        raise UnknownKind
    return Header(kind)


class UnknownKind(ValueError):
    """The file does not begin like a picture."""


def _png(file: BinaryIO, head: bytes) -> Header:
    depth, colours = (head[24], head[25]) if len(head) > 25 else (8, 2)
    white = (1 << depth) - 1 if colours == _GREY and depth < 8 else 255
    _eight_bits_at_most(depth, white)
    exif, more = b"", False
    for kind, at, length in segments.png_chunks(file):
        if kind == b"eXIf" and not exif:
            file.seek(at)
            exif = file.read(length)
        more = more or kind == b"acTL"
    return Header("PNG", white, more, exif)


def _tiff(file: BinaryIO) -> Header:
    file.seek(0)
    directory = tags.read_directory(file)
    numbers = directory.integers
    depth = max(numbers.get(_BITS, (1,)))
    form = max(numbers.get(_FORMAT, (1,)))
    if form == 3:
        raise NotRead(_expected("floating-point numbers"))
    colours = numbers.get(_COLOURS, (0,))[0]
    if colours in _COLOUR_KINDS:
        raise NotRead(_expected(f"colours of kind {_COLOUR_KINDS[colours]}"))
    white = (1 << depth) - 1 if depth < 8 and colours in (0, 1) else 255
    _eight_bits_at_most(depth, white)
    if form == 2:
        raise NotRead(_expected("signed numbers"))
    return Header("TIFF", white, directory.more, directory=directory)


def _eight_bits_at_most(depth: int, white: int) -> int:
    if depth > 8:
        raise NotRead(_expected(str(depth)))
    return white


def _expected(what: str) -> str:
    return f"expected 8 bits a colour, got {what}; convert it to 8 bits with a scale that suits it"
