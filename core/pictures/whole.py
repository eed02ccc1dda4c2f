"""Check that an image file is complete, and read its size, from its first and last bytes.

A file that was truncated by a copy or a download still opens. It fails when its pixels are read, in
the middle of a training or after it. The end of a file shows this in every common format.
"""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

from nntasks.errors import UsageError
from nntasks.pictures import tags
from nntasks.pictures.files import image_size, read_image

_HEAD = 2048  # bytes; in most JPEG files without EXIF data the size is among them
_TAIL = 12
_MOST_SEGMENTS = 300  # before the frame; a profile of colours may need 255
_APP1 = 0xE1  # the marker of EXIF data and XMP
_EXIF = b"Exif\0\0"
_XMP, _ORIENTATION = b"http://ns.adobe.com/xap/", b"rientation"
_STARTS_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # ITU-T T.81, table B.1
_EXTENTS = ((273, 279), (324, 325))  # TIFF tags: offsets and lengths of strips, of tiles


def whole_image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) in pixels of what `read_image` would return, if the file is whole.

    Only files whose last bytes look truncated are read to the end.

    Raises:
        UsageError: the file is missing, cut off or no picture; names it.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            head = os.read(number, _HEAD)
            length = os.lseek(number, 0, os.SEEK_END)
            size = _jpeg_size(number, head)
            tail = _read(number, max(length - _TAIL, 0), _TAIL)
        finally:
            os.close(number)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read image {path}: {reason}") from error
    size = size or image_size(path)
    if not _looks_whole(path, head, tail, length):
        read_image(path)
    return size


def _read(number: int, place: int, count: int) -> bytes:
    if hasattr(os, "pread"):  # half the calls of the system
        return os.pread(number, count, place)
    os.lseek(number, place, os.SEEK_SET)
    return os.read(number, count)


def _jpeg_size(number: int, head: bytes) -> tuple[int, int] | None:
    """Return the displayed size of a JPEG file's picture; None if the library has to decide.

    Steps from segment to segment (ITU-T T.81, annex B) to the start of the frame. A single EXIF
    block is read here and gives the orientation. Several blocks, and XMP that may hold an
    orientation, are left to the library.
    """
    place, orientation, blocks = 2, 1, 0
    if head[:2] != b"\xff\xd8":
        return None
    for _ in range(_MOST_SEGMENTS):
        segment = head[place : place + 10]
        if len(segment) < 10:
            segment = _read(number, place, 10)
        if len(segment) < 10 or segment[0] != 0xFF:
            return None
        kind, length = segment[1], segment[2] << 8 | segment[3]
        if kind in _STARTS_OF_FRAME:
            height, width = segment[5] << 8 | segment[6], segment[7] << 8 | segment[8]
            if not width or not height:
                return None
            return (height, width) if orientation >= 5 else (width, height)
        if not 0xC0 <= kind <= 0xFE or 0xD0 <= kind <= 0xDA:
            return None
        if kind == _APP1:
            block = _read(number, place, length + 2)
            if block[4:10] == _EXIF:
                blocks += 1
                orientation = tags.orientation_of(block[4:])
            elif orientation == 1 and block.startswith(_XMP, 4) and _ORIENTATION in block:
                return None
            if blocks > 1:
                return None
        place += 2 + length
    return None


def _looks_whole(path: Path, head: bytes, tail: bytes, length: int) -> bool:
    """Return whether a file of a known format ends correctly; False if its end does not show it."""
    if head[:2] == b"\xff\xd8":
        return tail[-2:] == b"\xff\xd9"
    if head[:4] == b"\x89PNG":
        return tail[4:8] == b"IEND"
    if head[:4] == b"GIF8":
        return tail[-1:] == b";"
    if head[:4] == b"RIFF":
        return length >= 8 + int.from_bytes(head[4:8], "little")
    if head[:4] in (b"II*\0", b"MM\0*"):
        return _ends_of_tiff(path) <= length
    return False


def _ends_of_tiff(path: Path) -> float:
    """Return where the last strip or tile of a TIFF file ends; infinity if its tags do not say."""
    try:
        with Image.open(path) as image:
            held = dict(getattr(image, "tag_v2", {}))
        return max(
            max(map(sum, zip(held[offsets], held[lengths], strict=True)))
            for offsets, lengths in _EXTENTS
            if offsets in held and lengths in held
        )
    except Exception:  # whatever is wrong with its tags, reading the pixels will tell
        return float("inf")
