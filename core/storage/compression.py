"""Detect compressed files by their content, not by their name.

A file is compressed if it begins with a valid header of gzip (RFC 1952), xz or bzip2: the magic
bytes and what must follow them. Magic bytes alone are text. A name that ends in .gz, .xz or .bz2
promises one of the three; a file that breaks the promise is refused, as it is damaged or misnamed.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nntasks.errors import UsageError

SUFFIXES = (".gz", ".xz", ".bz2")
HEADER = 16  # bytes; enough to recognise any of them
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError)  # what reading a damaged file raises

_DEFLATE = 8  # the only compression method that gzip has
_RESERVED_FLAGS = 0xE0
_BLOCK, _END_OF_STREAM = bytes.fromhex("314159265359"), bytes.fromhex("177245385090")


def opener(head: bytes) -> Callable[[BinaryIO], Any] | None:
    """Return the opener of a compressed file; None for a plain file.

    Args:
        head: the first `HEADER` bytes of the file, or all if there are fewer.
    """
    for begins, opened in ((_is_gzip, gzip.open), (_is_xz, lzma.open), (_is_bzip2, bz2.open)):
        if begins(head):
            return opened
    return None


@contextlib.contextmanager
def open_content(path: Path) -> Iterator[BinaryIO]:
    """Open the content of a file, decompressed if necessary.

    Raises:
        UsageError: the name promises a compressed file that it is not, or it is damaged.
        OSError: it cannot be opened.
    """
    with open(path, "rb") as raw:
        head = raw.peek(HEADER)[:HEADER]
        check_name(path, head)
        opened = opener(head)
        if opened is None:
            yield raw
            return
        try:
            with opened(raw) as content:
                yield content
        except BROKEN as error:
            suffix = path.suffix.lower() if path.suffix.lower() in SUFFIXES else "compressed"
            raise UsageError(f"{path} is a damaged {suffix} file: {error}") from error


def check_name(path: Path, head: bytes) -> None:
    """Check that a file whose name promises a compressed text holds one.

    Raises:
        UsageError: it does not.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES and opener(head) is None:
        raise UsageError(
            f"{path}: a name that ends in {suffix} promises a compressed file, and the content is "
            "not compressed; fetch the file again if it is damaged, or call it .txt if it is plain"
        )


def _is_gzip(head: bytes) -> bool:
    whole = len(head) >= 10 and head.startswith(b"\x1f\x8b")
    return whole and head[2] == _DEFLATE and not head[3] & _RESERVED_FLAGS


def _is_xz(head: bytes) -> bool:
    """Return whether a stream begins here: magic, two bytes of flags, and the flags' checksum."""
    if not head.startswith(b"\xfd7zXZ\x00") or len(head) < 12:
        return False
    return zlib.crc32(head[6:8]) == int.from_bytes(head[8:12], "little")


def _is_bzip2(head: bytes) -> bool:
    level, begins = head[3:4], head[4:10]
    return head.startswith(b"BZh") and b"1" <= level <= b"9" and begins in (_BLOCK, _END_OF_STREAM)


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the path of a file with the content of another: itself, or a temporary decompressed one.

    Raises:
        UsageError: as `open_content`.
        OSError: it cannot be read, or there is no room for the content.
    """
    with open_content(path) as content, contextlib.ExitStack() as stack:
        if isinstance(content, io.BufferedReader):  # the file itself
            yield path
            return
        file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="nntasks-"))
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        yield Path(file.name)
