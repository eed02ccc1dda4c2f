"""The directory of tags with which a TIFF file, and every EXIF block, begins.

Pillow reads all tags and fails on the first damaged one. Here only the few tags that a picture
needs are read. Layout: TIFF Revision 6.0 (Adobe 1992), section 2, and BigTIFF.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO

ORIENTATION = 0x0112
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}  # types of a tag: formats of its numbers
_MOST_VALUES = 16  # of one tag that are read: a number for each colour
_MOST_ENTRIES = 4096


class DamagedTags(ValueError):
    """The file does not begin with a directory of tags."""


@dataclass(frozen=True)
class Directory:
    """The first directory of a file.

    Attributes:
        entries: the raw entry of each tag, in the order of the file.
        integers: the first integers of each tag that holds integers.
        offset: of the directory, in bytes.
        more: whether another directory, such as that of a second page, follows.
        order: "<" or ">".
        big: whether the file is a BigTIFF.
    """

    entries: Mapping[int, bytes]
    integers: Mapping[int, tuple[int, ...]]
    offset: int
    more: bool
    order: str
    big: bool


def read_directory(file: BinaryIO) -> Directory:
    """Read the first directory of an open file.

    Raises:
        DamagedTags: there is none.
    """
    try:
        return _read_directory(file)
    except (struct.error, OverflowError, OSError) as error:
        raise DamagedTags("the directory of its tags is damaged") from error


def orientation_of(block: bytes) -> int:
    """Return the orientation of an EXIF block, 1 to 8; 1 if it is damaged or absent."""
    try:
        return valid_orientation(read_directory(io.BytesIO(block.removeprefix(b"Exif\0\0"))))
    except DamagedTags:
        return 1


def valid_orientation(directory: Directory) -> int:
    """Return the orientation of a directory, 1 to 8; 1 if it has none or another number."""
    (number, *_) = directory.integers.get(ORIENTATION) or (1,)
    return number if 1 <= number <= 8 else 1


def with_tags(data: bytes, directory: Directory, kept: Collection[int]) -> bytes:
    """Return a TIFF file of one page that has only the tags to keep."""
    entries = [entry for tag, entry in directory.entries.items() if tag in kept]
    count = struct.pack(directory.order + ("Q" if directory.big else "H"), len(entries))
    none_follows = bytes(8 if directory.big else 4)
    short = count + b"".join(entries) + none_follows
    return data[: directory.offset] + short + data[directory.offset + len(short) :]


def _read_directory(file: BinaryIO) -> Directory:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
    version = struct.unpack_from(order + "H", head, 2)[0] if order else 0
    if version not in (42, 43):
        raise DamagedTags("it has no directory of tags")
    big = version == 43
    (offset,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    count_format, length, link = ("Q", 20, "Q") if big else ("H", 12, "I")
    file.seek(offset)
    (count,) = struct.unpack(order + count_format, file.read(struct.calcsize(count_format)))
    entries: dict[int, bytes] = {}
    for _ in range(min(count, _MOST_ENTRIES)):
        entry = file.read(length)
        if len(entry) < length:
            break
        entries.setdefault(struct.unpack_from(order + "H", entry)[0], entry)
    rest = file.read(struct.calcsize(link))
    more = len(rest) == struct.calcsize(link) and any(rest)
    integers = {tag: _integers(file, entry, order, big) for tag, entry in entries.items()}
    return Directory(entries, {t: n for t, n in integers.items() if n}, offset, more, order, big)


def _integers(file: BinaryIO, entry: bytes, order: str, big: bool) -> tuple[int, ...]:
    """Return the first numbers of an entry, from the entry itself or from where it points."""
    _, kind = struct.unpack_from(order + "HH", entry)
    (count,) = struct.unpack_from(order + ("Q" if big else "I"), entry, 4)
    if kind not in _INTEGERS or not count:
        return ()
    value = entry[12:] if big else entry[8:]
    taken = min(count, _MOST_VALUES)
    layout = f"{order}{taken}{_INTEGERS[kind]}"
    if struct.calcsize(f"{order}{_INTEGERS[kind]}") * count > len(value):
        file.seek(struct.unpack(order + ("Q" if big else "I"), value)[0])
        value = file.read(struct.calcsize(layout))
    return struct.unpack_from(layout, value) if len(value) >= struct.calcsize(layout) else ()
